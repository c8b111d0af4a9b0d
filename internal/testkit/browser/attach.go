package browser

import "github.com/chromedp/chromedp"

// Attach gives a file input the files, as a reader who chose them would.
func (p *Page) Attach(selector string, files ...string) {
	p.t.Helper()
	p.do("attach files to "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), files))
}
