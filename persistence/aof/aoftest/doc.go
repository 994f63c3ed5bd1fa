// Package aoftest has a disk for tests that fails where they want it to.
package aoftest
