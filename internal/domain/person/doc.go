// Package person holds who the registry is about: NIK, No. KK, names, phone numbers, the civil
// registry's code lists, and person, family and household with what must hold for them.
//
// Values of this package print masked. An identifier leaves it in full only by Plain, on the path
// that seals it or shows it under a logged purpose.
package person
