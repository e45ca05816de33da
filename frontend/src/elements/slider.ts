import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";

import { shared } from "../styles.js";

/** How long what the user set is shown until the state follows. */
const PATIENCE = 2500;

/**
 * A slider. Sends `slide` with the value while it is moved, `set` when it was let go.
 */
export class Slider extends LitElement {
  @property({ type: Number }) value = 0;
  @property({ type: Number }) max = 100;
  @property({ type: Number }) step = 1;
  @property() label = "";
  /** What a screen reader says in place of the number. */
  @property() text = "";
  @property({ type: Boolean, reflect: true }) thin = false;
  @property({ type: Boolean, reflect: true }) disabled = false;
  @state() private chosen: number | undefined;
  private held: ReturnType<typeof setTimeout> | undefined;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("value") && this.held !== undefined) this.release();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.release();
  }

  protected override render(): TemplateResult {
    const value = Math.min(this.chosen ?? this.value, this.max);
    const share = this.max > 0 ? value / this.max : 0;
    return html`
      <input
        type="range"
        min="0"
        max=${this.max}
        step=${this.step}
        .value=${String(value)}
        style="--share: ${share}"
        aria-label=${this.label}
        aria-valuetext=${this.text || nothing}
        ?disabled=${this.disabled}
        @input=${this.onInput}
        @change=${this.onChange}
      />
    `;
  }

  private onInput(event: Event): void {
    clearTimeout(this.held);
    this.held = undefined;
    this.chosen = Number((event.target as HTMLInputElement).value);
    this.send("slide");
  }

  private onChange(): void {
    this.send("set");
    clearTimeout(this.held);
    this.held = setTimeout(() => this.release(), PATIENCE);
  }

  private release(): void {
    clearTimeout(this.held);
    this.held = undefined;
    this.chosen = undefined;
  }

  private send(type: string): void {
    this.dispatchEvent(new CustomEvent(type, { detail: this.chosen ?? this.value }));
  }

  static override styles = [
    shared,
    css`
      :host {
        --height: 36px;
        flex: 1;
        min-width: 0;
      }
      :host([thin]) {
        --height: 6px;
      }
      input {
        appearance: none;
        display: block;
        width: 100%;
        height: max(var(--height), 24px);
        margin: 0;
        background: none;
        cursor: pointer;
        border-radius: 12px;
        --direction: to right;
        --fill: linear-gradient(
          var(--direction),
          var(--accent) calc(var(--share) * 100%),
          color-mix(in srgb, var(--text) 16%, transparent) 0
        );
      }
      input:dir(rtl) {
        --direction: to left;
      }
      input:disabled {
        cursor: default;
      }
      input::-webkit-slider-runnable-track {
        height: var(--height);
        border-radius: min(12px, calc(var(--height) / 2));
        background: var(--fill);
      }
      input::-moz-range-track {
        height: var(--height);
        border-radius: min(12px, calc(var(--height) / 2));
        background: var(--fill);
      }
      input::-webkit-slider-thumb {
        appearance: none;
        width: 4px;
        height: calc(var(--height) / 2);
        margin-top: calc(var(--height) / 4);
        border-radius: 2px;
        background: var(--on-accent);
        box-shadow: -8px 0 0 -8px transparent;
        transform: translateX(-8px);
      }
      input:dir(rtl)::-webkit-slider-thumb {
        transform: translateX(8px);
      }
      input::-moz-range-thumb {
        width: 4px;
        height: calc(var(--height) / 2);
        border: 0;
        border-radius: 2px;
        background: var(--on-accent);
        transform: translateX(-8px);
      }
      :host([thin]) input::-webkit-slider-thumb {
        width: 14px;
        height: 14px;
        margin-top: -4px;
        border-radius: 50%;
        background: var(--accent);
        transform: none;
      }
      :host([thin]) input::-moz-range-thumb {
        width: 14px;
        height: 14px;
        border-radius: 50%;
        background: var(--accent);
        transform: none;
      }
      :host([disabled]) input::-webkit-slider-thumb {
        visibility: hidden;
      }
      :host([disabled]) input::-moz-range-thumb {
        visibility: hidden;
      }
    `,
  ];
}
