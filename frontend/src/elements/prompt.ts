import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { query, state } from "lit/decorators.js";

import { shared } from "../styles.js";

export interface Question {
  readonly title: string;
  /** What is to be typed; left out where a yes is all that is asked for. */
  readonly label?: string;
  readonly confirm: string;
  readonly cancel: string;
}

/** Asks for a name, or whether something shall be done. */
export class Prompt extends LitElement {
  @state() private question: Question = { title: "", confirm: "", cancel: "" };
  @query("dialog") private dialog!: HTMLDialogElement;
  @query("input") private input!: HTMLInputElement | null;

  /** Return what was typed, "" where nothing is to be; undefined if it was cancelled. */
  async ask(question: Question): Promise<string | undefined> {
    this.question = question;
    await this.updateComplete;
    if (this.input) this.input.value = "";
    this.dialog.returnValue = "";
    this.dialog.showModal();
    await new Promise((resolve) => this.dialog.addEventListener("close", resolve, { once: true }));
    const answer = this.input?.value.trim();
    return this.dialog.returnValue === "confirm" && answer !== "" ? (answer ?? "") : undefined;
  }

  protected override render(): TemplateResult {
    const { title, label, confirm, cancel } = this.question;
    return html`
      <dialog aria-labelledby="title">
        <form method="dialog">
          <h2 id="title">${title}</h2>
          ${
            label
              ? html`<label
                  >${label}<input name="name" required maxlength="200" autocomplete="off"
                /></label>`
              : nothing
          }
          <div class="buttons">
            <button type="button" class="chip" @click=${() => this.dialog.close()}>
              ${cancel}
            </button>
            <button class="chip filled" value="confirm">${confirm}</button>
          </div>
        </form>
      </dialog>
    `;
  }

  static override styles = [
    shared,
    css`
      dialog {
        border: 0;
        border-radius: 24px;
        padding: 24px;
        width: min(360px, calc(100vw - 32px));
        background: var(--ha-card-background, var(--card-background-color, #fff));
        color: var(--text);
        box-shadow: 0 8px 40px rgb(0 0 0 / 30%);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 40%);
      }
      h2 {
        margin: 0 0 16px;
        font-size: 20px;
        font-weight: 500;
        line-height: 28px;
      }
      label {
        display: grid;
        gap: 4px;
        color: var(--soft-text);
      }
      input {
        font: inherit;
        font-size: 16px;
        color: var(--text);
        background: var(--faint);
        border: 0;
        border-radius: 12px;
        padding: 12px;
      }
      .buttons {
        display: flex;
        justify-content: end;
        gap: 8px;
        margin-top: 24px;
      }
      .filled {
        background: var(--text);
        color: var(--card-background-color, #fff);
      }
    `,
  ];
}
