// Eleventy for the same articles: pages, keyword pages, and feeds in RSS, Atom and JSON through its plugin.
import rss from "@11ty/eleventy-plugin-rss";

const NEWEST = 50;

export default function (config) {
  config.addPlugin(rss);
  config.setQuietMode(true);
  config.addFilter("cut", (text, length) => (text || "").replace(/<[^>]*>/g, "").slice(0, length));
  config.addFilter("wall", (date) => date.toISOString());
  config.addFilter("json", (value) => JSON.stringify(value));
  config.addCollection("newest", (all) => all.getFilteredByGlob("articles/*.md").reverse().slice(0, NEWEST));
  config.addCollection("subjects", (all) => {
    const found = new Map();
    for (const item of all.getFilteredByGlob("articles/*.md").reverse()) {
      for (const label of item.data.keywords || []) {
        if (!found.has(label)) found.set(label, { label, slug: config.getFilter("slugify")(label), count: 0, items: [] });
        const subject = found.get(label);
        subject.count += 1;
        if (subject.items.length < NEWEST) subject.items.push(item);
      }
    }
    return [...found.values()];
  });
  return { dir: { output: "public" }, markdownTemplateEngine: false };
}
