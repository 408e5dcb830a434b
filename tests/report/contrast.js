// The contrast of every text that is shown with what lies behind it, as WCAG reckons it;
// those below the ratio of the first argument.
const least = arguments[0];
const channel = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const parse = (colour) => {
  const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
  return { light: 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255), a };
};
const ground = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const found = parse(getComputedStyle(e).backgroundColor);
    if (found.a === 1) return found.light;
  }
  return parse("rgb(255, 255, 255)").light;
};
const poor = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  const box = element.getBoundingClientRect();
  if (!walker.currentNode.textContent.trim() || box.width < 2 || box.height < 2) continue;
  if (["SCRIPT", "STYLE", "TITLE", "DESC"].includes(element.tagName.toUpperCase())) continue;
  const [a, b] = [parse(getComputedStyle(element).color).light, ground(element)];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < least) poor.push(`${walker.currentNode.textContent.trim()}: ${ratio.toFixed(2)}`);
}
return poor;
