# The list of habits. Each target does all its own set-up: virtual environment, locked requirements, services, migrations.
# Variables of the environment and of the command line reach the programs: `make demo DEMO_EXIT=1 PORT=9000`.

PYTHON ?= python3
# Installs where needed, then runs .venv/bin/python with the arguments: what running needs, or what developing needs.
RUN := exec $(PYTHON) -I ecommerce/launch/install.py run
DEV := exec $(PYTHON) -I ecommerce/launch/install.py dev

.PHONY: help demo run seed test mail-screenshots test-kills test-chaos test-drift test-alone check bench bench-users bench-catalog bench-carts bench-checkout bench-imports bench-stock bench-messages bench-webhooks graph lock openapi stop clean
.SILENT:

help:  ## these lines
	awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

demo:  ## a shop from nothing, one purchase shown step by step, then it keeps serving (DEMO_EXIT=1: ends after the purchase)
	$(RUN) -m ecommerce.launch demo

run:  ## the shop from nothing, in the foreground (PORT=8000 SEED_PRODUCTS=500 SEED=1)
	$(RUN) -m ecommerce.launch run

seed:  ## fill the shop's database, running or not (ARGS="--products 20000 --seed 1")
	$(RUN) -m ecommerce.launch exec --data shop -- sh -c 'python manage.py migrate --verbosity 0 && python manage.py seed $(ARGS)'

test:  ## the suite, on a PostgreSQL and a Redis of its own (ARGS="-k checkout")
	$(DEV) -m ecommerce.launch exec -- python -m pytest -n auto $(ARGS)

test-kills:  ## checkouts and orders killed at every point of every step, as make test does at a handful (ARGS="-k refunding")
	KILLS=all $(DEV) -m ecommerce.launch exec -- python -m pytest -n auto tests/faults/test_checkout_killed.py tests/faults/test_order_killed.py $(ARGS)

test-chaos:  ## payments' events in every order, and 10,000 interleavings with drops and repetitions; make test plays some (SEED=123: one)
	CHAOS=all $(DEV) -m ecommerce.launch exec -- python -m pytest -n auto modules/payments/tests/chaos $(ARGS)

test-drift:  ## drift of every kind in 10,000 payments is found and mended; make test does it with 2,000
	DRIFT_PAYMENTS=10000 $(DEV) -m ecommerce.launch exec -- python -m pytest modules/payments/tests/logic/test_drift.py $(ARGS)

test-alone:  ## the tests of one module with only that module installed (MODULE=catalog; without: all six in turn)
	$(DEV) -m ecommerce.launch test-alone $(MODULE) -- $(ARGS)

mail-screenshots:  ## every mail in every language, judged in a browser and photographed into docs/mail/
	$(DEV) -m tests.mail

check:  ## style, types, import contracts, migrations, event routes, OpenAPI: all of them, then a table
	$(DEV) -m ecommerce.launch check

bench:  ## measure the shop as in production, on a calm machine, into docs/benchmarks.md (ARGS="--clients 1,8,32", "--quick")
	$(RUN) -m benchmarks $(ARGS)

bench-users:  ## measure signing in, and whether an answer's time tells a known address (ARGS="--seconds 8")
	$(RUN) -m benchmarks.accounts $(ARGS)

bench-catalog:  ## the same questions to 10,000 and to 1,000,000 products, into docs/benchmarks.md (ARGS="--quick")
	$(RUN) -m benchmarks.catalog $(ARGS)

bench-carts:  ## carts read and added to, of guests and users, with promotions and without, into docs/benchmarks.md (ARGS="--quick")
	$(RUN) -m benchmarks.carts $(ARGS)

bench-checkout:  ## whole purchases of one product and of many; ARGS=--history: lists of 1,000,000 orders (ARGS="--quick")
	$(RUN) -m benchmarks.checkout $(ARGS)

bench-imports:  ## how fast files of products come in and go out, and in how much memory, into docs/benchmarks.md (ARGS="--quick")
	$(RUN) -m benchmarks.imports $(ARGS)

bench-stock:  ## a flash sale, and purchases a second beside pgbench with the same SQL, into docs/benchmarks.md (ARGS="--rounds 5")
	$(RUN) -m benchmarks.stock $(ARGS)

bench-messages:  ## 10,000 order confirmations by mail with 1, 2 and 4 workers, and after an outage, into docs/benchmarks.md (ARGS="--quick")
	$(DEV) -m benchmarks.messages $(ARGS)

bench-webhooks:  ## a provider's events at 100 a second: latency, and that none is lost (ARGS="--rate 200")
	$(DEV) -m benchmarks.webhooks $(ARGS)

graph:  ## the layers as a picture: the modules' imports, in var/graph.dot and as SVG where Graphviz is installed
	$(DEV) -m ecommerce.launch graph

openapi:  ## write docs/openapi.yaml anew
	$(DEV) -m ecommerce.launch openapi

lock:  ## lock requirements/*.in into requirements/*.txt, with hashes and without addresses (ARGS="--upgrade")
	$(DEV) -m ecommerce.launch lock $(ARGS)

stop:  ## end this checkout's running shop
	test ! -x .venv/bin/python || exec .venv/bin/python -m ecommerce.launch stop

clean:  ## end every run of this checkout; remove its data and .venv
	test ! -x .venv/bin/python || .venv/bin/python -m ecommerce.launch clean
	rm -rf .venv var
