package httpkit

import "net/http"

// ContentSecurityPolicy is the one policy of every page (ux.md section 1). Nothing inline,
// nothing from elsewhere.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"manifest-src 'self'; worker-src 'self'"

// FieldPermissions is the Permissions-Policy of the field application alone, which needs the
// camera and the place; its handlers set it.
const FieldPermissions = "geolocation=(self), camera=(self)"

const noPermissions = "geolocation=(), camera=(), microphone=(), payment=(), usb=()"

// headers sets what every answer carries. Handlers may replace Cache-Control and
// Permissions-Policy; personal pages keep no-store.
func (f *Front) headers(h http.Header, in *info) {
	set := func(key, value string) { h[key] = []string{value} }
	set("Content-Security-Policy", ContentSecurityPolicy)
	set("Permissions-Policy", noPermissions)
	set("Referrer-Policy", "same-origin") // keeps Origin on posts, which the cross-origin check reads
	set("X-Content-Type-Options", "nosniff")
	set("X-Frame-Options", "DENY")
	set("Cross-Origin-Opener-Policy", "same-origin")
	set("Cross-Origin-Resource-Policy", "same-origin")
	set("Cache-Control", "no-store")
	if f.HSTS && in.secure {
		set("Strict-Transport-Security", "max-age=31536000")
	}
}
