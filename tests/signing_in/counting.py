"""A quick hash that counts how often it is computed."""

from django.contrib.auth.hashers import MD5PasswordHasher


class Counting(MD5PasswordHasher):
    computed = 0

    def encode(self, password: str, salt: str) -> str:
        Counting.computed += 1
        return super().encode(password, salt)
