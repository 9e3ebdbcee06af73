"""YAKE's keywords and underthesea's words for articles; runs in an environment that holds them and nothing of ours.

Reads a file of JSON: {"stopwords": {language: [...]}, "articles": [{"language", "title", "text"}, …]}; prints for each
article its five keywords, the seconds of processor time they took, and for Vietnamese the words of title and text.
"""

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import yake
from underthesea import word_tokenize


def main(file: str) -> None:
    """One line of JSON for all."""
    asked = json.loads(Path(file).read_text(encoding="utf-8"))
    answers = []
    for article in asked["articles"]:
        language, text = article["language"], f"{article['title']}.\n{article['text']}"
        started = time.process_time()
        # It counts capitals and breaks at words of its list; longer ones than of one word it cannot have.
        words = {word for word in asked["stopwords"].get(language, ()) if " " not in word}
        extractor = yake.KeywordExtractor(lan=language, n=3, top=5, stopwords=words or None)
        keywords = [phrase for phrase, _ in extractor.extract_keywords(text)]
        seconds = time.process_time() - started
        lines = [line for line in text.splitlines() if line.strip()]
        reference = [word_tokenize(line) for line in lines] if language == "vi" else []
        answers.append({"keywords": keywords, "words": reference, "seconds": seconds})
    versions = {name: version(name) for name in ("yake", "underthesea")}
    json.dump({"versions": versions, "articles": answers}, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main(sys.argv[1])
