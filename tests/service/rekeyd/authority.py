# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, made with the openssl command."""
import os
import subprocess

import grpc

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Authority:
    """An authority in a folder of its own."""

    def __init__(self, folder, name="authority"):
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder)
        self.ca = os.path.join(self.folder, "ca.pem")
        openssl("req", "-x509", *NEW_KEY, "-days", "30", "-subj", f"/CN={name}",
                "-keyout", os.path.join(self.folder, "ca.key"), "-out", self.ca)

    def issue(self, name, alternative="", days=30):
        """Returns the files of a certificate and its key. `days` below 0: expired. `alternative`: as openssl writes
        it, for example DNS:localhost,IP:127.0.0.1"""
        stem = os.path.join(self.folder, name or "nameless")
        openssl("req", *NEW_KEY, "-subj", f"/CN={name}" if name else "/O=example", "-keyout", stem + ".key",
                "-out", stem + ".request")
        with open(stem + ".extensions", "w", encoding="ascii") as file:
            file.write(f"subjectAltName={alternative}\n" if alternative else "basicConstraints=CA:FALSE\n")
        openssl("x509", "-req", "-in", stem + ".request", "-CA", self.ca, "-CAkey", os.path.join(self.folder, "ca.key"),
                "-CAcreateserial", "-days", str(days), "-extfile", stem + ".extensions", "-out", stem + ".pem")
        return stem + ".pem", stem + ".key"


def channel_credentials(ca, cert=None, key=None):
    def read(name):
        if name is None:
            return None
        with open(name, "rb") as file:
            return file.read()
    return grpc.ssl_channel_credentials(read(ca), read(key), read(cert))
