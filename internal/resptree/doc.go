// Package resptree parses raw RESP2 and RESP3 replies into trees and encodes
// the trees again, byte for byte.
//
// Generators and tests use it to look into the replies of a reference server
// and to bring parts whose order is free into one order before they compare
// bytes. It is not the server's reply parser and makes no attempt to be fast.
// It keeps no state and may be used from any goroutine.
package resptree
