//go:build tools

// Package tools keeps the programs that setup/build-nsq builds in go.mod.
package tools

import (
	_ "github.com/nsqio/nsq/apps/nsqd"
	_ "github.com/nsqio/nsq/apps/nsqlookupd"
)
