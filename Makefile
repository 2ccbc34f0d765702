# Every task is a script in scripts/; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run test check build bench load chaos outages failover upgrade fuzz dist prepare db-reset clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up what is missing, build, start the database, migrate and serve
	@scripts/run

test: ## everything: formatting, crates, clippy, Rust tests, alert rules, the API, a pooler, chaos, browser tests
	@scripts/test

check: ## the fast checks: formatting, clippy, unit tests without a database
	@scripts/check

build: ## the browser's part into target/site, the server into target/release
	@scripts/setup build
	@scripts/build

bench: ## how fast imports and the API are, beside PostgreSQL's own work
	@scripts/bench

load: build ## 50 uploads at once while 200 clients watch, then 2,000 open pages: what they cost, and how soon they see a change
	@scripts/load

chaos: build ## kill, freeze and cut off everything at random while imports run, and check every promise
	@scripts/chaos

outages: build ## a full disk, no database, no connections, a silent feed: what the log and the API say
	@scripts/outages

failover: build ## lose the database's machine while imports run, with a standby and HAProxy: what is lost, and for how long
	@scripts/failover

upgrade: build ## the previous commit's program and this one's side by side on one database, while imports run
	@scripts/upgrade

fuzz: ## feed what reads files, answers, forms, addresses and cookies what nobody would send
	@scripts/fuzz

dist: ## one file to install: the program with its pages as a tarball and as a .deb, in target/dist
	@scripts/setup build
	@scripts/dist

prepare: ## write .sqlx anew, after a query or a migration changed
	@scripts/sqlx-prepare

db-reset: ## drop the embedded database with all its data, and create it empty
	@scripts/postgres reset

clean: ## remove what was built (programs that build it stay, in the user's cache)
	@rm -rf target end2end/test-results end2end/playwright-report