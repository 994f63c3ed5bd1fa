// Package persistence is the floor of what turns the data set into bytes and back: package
// rdb below it has the encoding of single values, which DUMP, RESTORE and RDB files share.
//
// Everything here is called with the server lock held. Nothing here knows clients,
// commands or the module ABI; what a module type must offer to be saved is an interface of
// package rdb that package capi implements.
package persistence
