"""`python -m recto` is the command line."""

from recto.cli import main

if __name__ == "__main__":
    main()
