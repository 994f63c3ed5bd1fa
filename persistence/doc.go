// Package persistence is the floor of what turns the data set into bytes and back. Below it
// are rdb (single values, as DUMP and RESTORE have them, and whole files), snapshot (a file of
// one instant, written while the server works), aof (append-only files) and check, which
// explains files.
//
// Everything here is called with the server lock held. Nothing here knows clients,
// commands or the module ABI; what a module type must offer to be saved is an interface of
// package rdb that package capi implements.
package persistence
