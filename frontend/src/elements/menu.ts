import { mdiCheck } from "@mdi/js";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { state } from "lit/decorators.js";

import { shared } from "../styles.js";
import { icon } from "../templates.js";

export interface MenuItem {
  readonly label: string;
  readonly path: string;
  readonly run: () => void;
  /** For one of several that can be chosen. */
  readonly selected?: boolean;
}

const MARGIN = 8;

/** A menu at the element that it was opened by. */
export class Menu extends LitElement {
  @state() private items: readonly MenuItem[] = [];
  @state() private heading = "";
  private opener: HTMLElement | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.popover = "auto";
    this.addEventListener("toggle", this.onToggle);
    this.addEventListener("keydown", this.onKey);
  }

  /** Show a menu at an element. */
  async open(opener: HTMLElement, items: readonly MenuItem[], heading = ""): Promise<void> {
    if (!items.length) return;
    this.opener = opener;
    this.items = items;
    this.heading = heading;
    await this.updateComplete;
    if (!this.matches(":popover-open")) this.showPopover();
    this.place(opener.getBoundingClientRect());
    this.buttons[
      Math.max(
        0,
        items.findIndex((item) => item.selected),
      )
    ]?.focus();
  }

  private place(at: DOMRect): void {
    const { offsetWidth: width, offsetHeight: height } = this;
    const rtl = this.matches(":dir(rtl)");
    const left = rtl ? at.left : at.right - width;
    const below = at.bottom + 4;
    const top = below + height + MARGIN > innerHeight ? at.top - height - 4 : below;
    const within = (value: number, most: number): string =>
      `${Math.max(MARGIN, Math.min(value, most - MARGIN))}px`;
    this.style.left = within(left, innerWidth - width);
    this.style.top = within(top, innerHeight - height);
  }

  private get buttons(): HTMLButtonElement[] {
    return [...this.renderRoot.querySelectorAll("button")];
  }

  private onToggle = (event: Event): void => {
    if ((event as ToggleEvent).newState === "closed") this.items = [];
  };

  private onKey = (event: KeyboardEvent): void => {
    const buttons = this.buttons;
    const at = buttons.indexOf(this.shadowRoot?.activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Tab") this.close();
    if (to === undefined) return;
    event.preventDefault();
    buttons.at(to % buttons.length)?.focus();
  };

  private close(): void {
    this.hidePopover();
    this.opener?.focus();
  }

  protected override render(): TemplateResult {
    return html`
      ${this.heading ? html`<div class="heading detail">${this.heading}</div>` : nothing}
      <div role="menu" aria-label=${this.heading || nothing}>
        ${this.items.map(
          (item) => html`
            <button
              type="button"
              role=${item.selected === undefined ? "menuitem" : "menuitemradio"}
              aria-checked=${item.selected ?? nothing}
              @click=${() => {
                this.close();
                item.run();
              }}
            >
              ${icon(item.path)}<span class="title">${item.label}</span>
              ${item.selected ? icon(mdiCheck) : nothing}
            </button>
          `,
        )}
      </div>
    `;
  }

  static override styles = [
    shared,
    css`
      :host {
        --surface: var(--ha-card-background, var(--card-background-color, #fff));
        position: fixed;
        inset: auto;
        margin: 0;
        padding: 8px;
        border: 0;
        min-width: 200px;
        max-width: min(320px, calc(100vw - 16px));
        max-height: min(420px, calc(100vh - 16px));
        overflow-y: auto;
        border-radius: 16px;
        background: var(--mdc-theme-surface, var(--surface));
        color: var(--text);
        box-shadow:
          0 4px 24px rgb(0 0 0 / 25%),
          0 0 0 1px var(--faint);
      }
      :host(:not(:popover-open)) {
        display: none;
      }
      .heading {
        padding: 4px 12px 8px;
      }
      button {
        display: flex;
        align-items: center;
        gap: 12px;
        width: 100%;
        min-height: 44px;
        padding-inline: 12px;
      }
      button .title {
        flex: 1;
        font-weight: 400;
      }
      button svg:first-child {
        color: var(--soft-text);
      }
    `,
  ];
}
