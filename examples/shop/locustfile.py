"""The customers of the shop, for Locust."""

import itertools
import random
import time

from locust import HttpUser, TaskSet, constant_pacing, task

SEED = 1961
PRODUCTS = 8000  # that the shop has
PACE = 0.1  # seconds between two tasks of one customer
CUSTOMERS = itertools.count()
WORDS = ["red", "blue", "oak", "steel", "lamp", "chair", "mirror", "garden"]


class Visit(TaskSet):
    """What a customer does, in the proportions that the weights give.

    Locust draws each next task at random, so that two short runs of the same
    code send different mixes, and the throughput of an endpoint differs by
    more than a gate's threshold. Here every customer deals from a deck that
    holds each task as often as its weight says: the order varies, the mix does
    not.
    """

    def on_start(self):
        number = next(CUSTOMERS)
        self.random = random.Random(SEED + number)
        self.deck = []
        # Customers that start together stay in step and queue behind each other.
        time.sleep(PACE * (number % 4) / 4)

    def get_next_task(self):
        if not self.deck:
            self.deck = self.random.sample(self.tasks, len(self.tasks))
        return self.deck.pop()

    @task(4)
    def search(self):
        query = " ".join(self.random.sample(WORDS, 2))
        with self.client.get("/search", params={"q": query}, name="/search", catch_response=True) as answer:
            # A wrong answer is fast: it must not count as a success.
            if answer.status_code == 200 and not answer.json():
                answer.failure(f"no product found for {query!r}")

    @task(3)
    def product(self):
        self.client.get(f"/products/{self.random.randint(1, PRODUCTS)}", name="/products/[id]")

    @task(2)
    def browse(self):
        params = {"sort": self.random.choice(["price", "rating", "name"]), "page": self.random.randint(1, 100)}
        self.client.get("/products", params=params, name="/products")

    @task(1)
    def stats(self):
        self.client.get("/stats")

    @task(1)
    def order(self):
        lines = [{"id": self.random.randint(1, PRODUCTS), "quantity": 2} for _ in range(20)]
        self.client.post("/orders", json={"lines": lines})

    @task(1)
    def stray(self):
        """An address that does not exist. One name catches all of them, and the 404 is the right answer."""
        path = f"/old/{self.random.randint(1, 10**6)}"
        with self.client.get(path, name="/[unknown]", catch_response=True) as answer:
            if answer.status_code == 404:
                answer.success()
            else:
                answer.failure(f"{answer.status_code} for a page that does not exist")


class Customer(HttpUser):
    tasks = [Visit]
    # A task begins every PACE whatever the shop's speed: the load stays the same,
    # and far below what the machine can do.
    wait_time = constant_pacing(PACE)
