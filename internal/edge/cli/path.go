package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"syscall"

	"github.com/alecthomas/kong"

	"tepat/data/linkage"
	"tepat/internal/kit/fail"
)

// inFile reads the name of a file that must be there, and makes it absolute: a command may
// be worked by another process, in another folder.
func inFile(dir string) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		path, err := absolute(ctx, dir)
		if err != nil || path == "" {
			return err
		}
		switch info, err := os.Stat(path); {
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
			return fail.Invalid("cli.file_missing", "file", path)
		case errors.Is(err, fs.ErrPermission):
			return fail.Invalid("cli.file_denied", "file", path)
		case err != nil:
			return fail.Invalid("cli.file_unreadable", "file", path).Because(err)
		case info.IsDir():
			return fail.Invalid("cli.file_folder", "file", path)
		}
		target.SetString(path)
		return nil
	}
}

// modelFile reads the name of a model that Tepat has, or that of a file as inFile does. A file named like a
// model is meant with its folder: ./febrl.
func modelFile(dir string) kong.MapperFunc {
	file := inFile(dir)
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		if name, ok := ctx.Scan.Peek().Value.(string); ok && linkage.Model(name) != nil {
			ctx.Scan.Pop()
			target.SetString(name)
			return nil
		}
		return file(ctx, target)
	}
}

// outPath reads the name of a file or folder to write, and makes it absolute.
func outPath(dir string) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		path, err := absolute(ctx, dir)
		if err == nil {
			target.SetString(path)
		}
		return err
	}
}

// absolute reads a name as meant from dir, or from the process's own folder.
func absolute(ctx *kong.DecodeContext, dir string) (string, error) {
	var name string
	if err := ctx.Scan.PopValueInto("file", &name); err != nil || name == "" {
		return "", err
	}
	if dir != "" && !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	return filepath.Abs(name)
}
