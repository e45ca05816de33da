/** What is loaded when the first card is on the page. */

export { configForm, stubConfig } from "./editor.js";
export { createContent } from "./elements.js";
export { hasTexts, loadTexts } from "./localize.js";
