/** Styles that all elements of the card share, built on Home Assistant's theme variables. */

import { css } from "lit";

export const shared = css`
  :host {
    display: block;
    --surface: var(--tint-surface, var(--ha-card-background, var(--card-background-color, #fff)));
    --text: var(--primary-text-color, #141414);
    --soft-text: color-mix(in srgb, var(--text) 72%, transparent);
    --accent: var(--tint-accent, var(--primary-color, #03a9f4));
    --on-accent: var(--tint-surface, var(--text-primary-color, #fff));
    --faint: color-mix(in srgb, var(--text) 9%, transparent);
    --fainter: color-mix(in srgb, var(--text) 5%, transparent);
    --round: var(--ha-border-radius-lg, 12px);
    --quick: 180ms;
    color: var(--text);
    font-family: var(--ha-font-family-body, Roboto, Noto, sans-serif);
    font-size: 14px;
    line-height: 20px;
    -webkit-tap-highlight-color: transparent;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  svg {
    width: 24px;
    height: 24px;
    fill: currentColor;
    flex: none;
    display: block;
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    padding: 0;
    margin: 0;
    text-align: start;
    cursor: pointer;
    border-radius: var(--round);
    transition: background-color var(--quick);
  }
  button:disabled {
    cursor: default;
    opacity: 0.4;
  }
  :focus-visible {
    outline: 2px solid var(--text);
    outline-offset: 2px;
  }
  button.icon {
    width: 40px;
    height: 40px;
    flex: none;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    border-radius: 50%;
  }
  button.icon.small {
    width: 36px;
    height: 36px;
  }
  button.icon.small svg {
    width: 20px;
    height: 20px;
  }
  button.icon[aria-pressed="true"] {
    background: color-mix(in srgb, var(--accent) 24%, transparent);
  }
  button.icon.filled {
    background: var(--accent);
    color: var(--on-accent);
  }
  @media (hover: hover) {
    button:hover:not(:disabled) {
      background-color: var(--faint);
    }
    button.icon.filled:hover:not(:disabled) {
      background-color: color-mix(in srgb, var(--accent) 88%, var(--text));
    }
  }
  .cover {
    position: relative;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    flex: none;
    width: 44px;
    height: 44px;
    border-radius: 8px;
    overflow: hidden;
    background: var(--faint);
    color: var(--soft-text);
  }
  .cover.round {
    border-radius: 50%;
  }
  .cover img {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: cover;
  }
  .two-lines {
    flex: 1;
    min-width: 0;
    display: flex;
    flex-direction: column;
  }
  .title,
  .detail {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .title {
    font-weight: 500;
  }
  /* Music has its own language: what doesn't fit is cut at its end, wherever the page begins. */
  .title[dir="auto"],
  .detail[dir="auto"] {
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
  .detail {
    color: var(--soft-text);
    font-size: 12px;
    line-height: 16px;
  }
  .row {
    display: flex;
    align-items: center;
    gap: 4px;
    height: 56px;
    padding-inline: 8px 4px;
    border-radius: var(--round);
  }
  .row > .main {
    flex: 1;
    min-width: 0;
    height: 100%;
    display: flex;
    align-items: center;
    gap: 12px;
    border-radius: var(--round);
  }
  .hint {
    height: 100%;
    min-height: 160px;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 4px;
    padding: 24px;
    text-align: center;
    color: var(--soft-text);
  }
  .hint svg {
    width: 40px;
    height: 40px;
    margin-bottom: 8px;
  }
  .hint p {
    margin: 0;
  }
  .hint .detail {
    white-space: normal;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    height: 32px;
    padding-inline: 12px;
    border-radius: 16px;
    background: var(--faint);
    white-space: nowrap;
    flex: none;
  }
  .chip svg {
    width: 18px;
    height: 18px;
    margin-inline-start: -4px;
  }
  .chip[aria-pressed="true"],
  .chip[aria-selected="true"] {
    background: var(--accent);
    color: var(--on-accent);
  }
  .spinner {
    width: 28px;
    height: 28px;
    margin: 32px auto;
    border-radius: 50%;
    border: 3px solid var(--faint);
    border-top-color: var(--accent);
    animation: turn 0.9s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  .scroller {
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: color-mix(in srgb, var(--text) 25%, transparent) transparent;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      transition-duration: 0s !important;
      animation-duration: 2.4s !important;
      scroll-behavior: auto !important;
    }
  }
`;
