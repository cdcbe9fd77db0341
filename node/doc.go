// Package node puts the house together: it owns the documented Config, the
// keys in the data folder, and the one function that wires every part.
//
// It must not hold a rule of identities, of the Internet Computer's interface
// or of HTTP: those live in the parts that it connects.
package node
