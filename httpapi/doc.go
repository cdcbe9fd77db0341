// Package httpapi is the Internet Computer's HTTPS interface in front of a
// host: it reads requests, bounds them, hands them over and writes answers.
package httpapi
