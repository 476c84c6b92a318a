"""The application: command line. It parses, calls one function, prints."""
