"""Write what programs write of README and docs: `make figures`."""

from scripts.docs import figures, ranking, troubleshooting

for document in (figures, ranking, troubleshooting):
    document.write()
