.DEFAULT_GOAL := build
