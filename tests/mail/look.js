// What is wrong with the mail in this page, as sentences; an empty list when nothing is.
(language) => {
  const found = new Set();
  const shown = (element) => {
    const style = getComputedStyle(element);
    return element.getClientRects().length > 0 && style.visibility === "visible" && style.display !== "none";
  };
  const name = (element) => `<${element.tagName.toLowerCase()} class="${element.className}">`;
  const colour = (text) => {
    const parts = text.match(/[\d.]+/g).map(Number);
    return { rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
  };
  // WCAG 2.2: relative luminance, contrast ratio.
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => part / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { rgb, alpha } = colour(getComputedStyle(at).backgroundColor);
      if (alpha === 1) return rgb;
    }
    return [255, 255, 255];
  };

  const root = document.documentElement;
  if (root.lang !== language) found.add(`lang is "${root.lang}"`);
  if (root.scrollWidth > root.clientWidth) found.add(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  const gap = `${document.title} ${document.body.textContent}`.match(/\{\{|\}\}|\{%|\{[a-z_]+\}|\[link\]|\bNone\b|\bundefined\b/);
  if (gap) found.add(`a gap is left: ${gap[0]}`);
  for (const element of document.body.querySelectorAll("*")) {
    if (!shown(element)) continue;
    const box = element.getBoundingClientRect();
    if (box.left < -0.5 || box.right > root.clientWidth + 0.5) found.add(`${name(element)} reaches out of the page`);
    if (element.clientWidth && element.scrollWidth > element.clientWidth) found.add(`${name(element)} is clipped`);
    if (element.matches(".button") && box.height < 44) found.add(`${name(element)} is too low for a thumb`);
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const element = text.parentElement;
    if (!text.data.trim() || !shown(element)) continue;
    const ratio = contrast(colour(getComputedStyle(element).color).rgb, behind(element));
    if (ratio < 4.5) found.add(`${name(element)} has a contrast of ${ratio.toFixed(2)}`);
    if (element.closest(".amount")) {
      const range = document.createRange();
      range.selectNodeContents(text);
      if (new Set([...range.getClientRects()].map((line) => Math.round(line.top))).size > 1) found.add(`${name(element)} breaks an amount`);
    }
  }
  return [...found];
}
