"""The actions over HTTP, on a real Jupyter Server and a Hub on loopback."""
