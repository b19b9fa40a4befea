/**
 * JSX factory that renders directly to HTML text. It escapes all values, in text and in attributes. In visible text it
 * also escapes control and format characters, because a bidirectional override makes one id look like another.
 */

import { printable } from "@tcp-shaker/tcp-shaker/quote";

/** Escaped HTML. */
export class Html {
  /** The HTML. */
  readonly text: string;

  /** @param text HTML in which all text from outside is escaped. */
  constructor(text: string) {
    this.text = text;
  }
}

/** Child of an element. Booleans, `null` and `undefined` render nothing. */
export type Child = Html | string | number | boolean | null | undefined | readonly Child[];

/** Value of an attribute. `true` renders the attribute without a value; `false` and `undefined` omit it. */
export type AttributeValue = string | number | boolean | undefined;

/** A component: a function of its properties. */
// deno-lint-ignore no-explicit-any -- each component has its own properties
export type Component = (properties: any) => Html | null;

/** Void elements, which have no end tag (HTML, 13.1.2). */
const VOID = new Set(["input", "img", "link", "meta", "br", "hr"]);
/** Attributes whose values browsers show or read out. */
const SHOWN = ["title", "alt", "aria-label"];
/** Valid attribute names. */
const NAME = /^[a-zA-Z][\w:-]*$/;
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Renders an element.
 *
 * @param tag The name of the element, or a component.
 * @param properties Its attributes, or the component's properties.
 * @param children Its children.
 * @returns The HTML.
 */
export function h(
  tag: string | Component,
  properties: Readonly<Record<string, unknown>> | null,
  ...children: readonly Child[]
): Html {
  if (typeof tag === "function") {
    return tag(children.length === 0 ? { ...properties } : { ...properties, children }) ?? new Html("");
  }
  const start = `<${tag}${Object.entries(properties ?? {}).map(([name, value]) => attribute(name, value)).join("")}>`;
  return new Html(VOID.has(tag) ? start : `${start}${render(children)}</${tag}>`);
}

/** Renders children without a parent element. */
export function Fragment({ children }: { children?: Child }): Html {
  return new Html(render(children));
}

/**
 * Escapes a text for HTML elements and attributes.
 *
 * @param text The text.
 * @returns The HTML.
 */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

function render(child: Child): string {
  if (child instanceof Html) return child.text;
  if (Array.isArray(child)) return child.map(render).join("");
  return child === null || child === undefined || typeof child === "boolean"
    ? ""
    : escapeHtml(printable(String(child)));
}

function attribute(name: string, value: unknown): string {
  if (!NAME.test(name)) throw new TypeError(`${name} is not a valid attribute name`);
  if (value === undefined || value === null || value === false) return "";
  if (value === true) return ` ${name}`;
  const text = SHOWN.includes(name) ? printable(String(value)) : String(value);
  return ` ${name}="${escapeHtml(text)}"`;
}

export declare namespace h {
  namespace JSX {
    type Element = Html;
    type ElementType = string | Component;
    interface ElementChildrenAttribute {
      children: unknown;
    }
    interface IntrinsicElements {
      [name: string]: { readonly children?: Child } & Readonly<Record<string, AttributeValue | Child>>;
    }
  }
}
