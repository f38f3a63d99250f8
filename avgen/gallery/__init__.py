"""One HTML page to look through the takes of an output folder and to pick among them."""

from avgen.gallery.page import build_page
from avgen.takes.folder import Failure, Take, read_failures, read_takes

__all__ = ["Failure", "Take", "build_page", "read_failures", "read_takes"]
