import type { Event } from 'js-yaml';
import { YamlRefusal } from './refusal.ts';

const sequenceEvent = 2;
const mappingEvent = 3;
const scalarEvent = 4;
const aliasEvent = 5;
const lastQuotedStyle = 3;

/** What ends in a tab that libyaml, and go-yaml with it, takes neither for indentation nor for a blank: on a line of blanks, behind a dash. */
const suspects = /^ *\t[ \t]*$|(?<=^|\s)[-?] *\t/gm;
/** A tab where a line of a block has not reached the column of the block. */
const inBlock = /^( *)\t/gm;

/**
 * Refuses tabs where libyaml does and YAML 1.2 does not: on blank lines and behind dashes outside of texts and brackets, and
 * in a block before its indentation. The events are those of the text. Throws {@link YamlRefusal}.
 */
export function refuseTabs(text: string, events: readonly Event[]): void {
  if (!text.includes('\t')) return;
  const gaps = new Gaps(text);
  for (const event of events) {
    if (event.type === scalarEvent && event.valueStart >= 0) {
      gaps.passScalar(event.valueStart, event.valueEnd);
      if (event.style > lastQuotedStyle) refuseInBlock(text, event);
    } else if (event.type === sequenceEvent || event.type === mappingEvent) gaps.passStart(event.start);
    else if (event.type === aliasEvent) gaps.passScalar(event.anchorStart, event.anchorEnd);
  }
  gaps.passScalar(text.length, text.length);
}

/** What stands between the scalars of a text. */
class Gaps {
  readonly #text: string;
  readonly #suspects: readonly number[];
  #next = 0;
  #from = 0;
  /** How many brackets and braces are open. */
  #open = 0;

  constructor(text: string) {
    this.#text = text;
    this.#suspects = Array.from(text.matchAll(suspects), ({ 0: found, index }) => index + found.length - 1);
  }

  /** Looks at what stands before a scalar and goes on behind it. */
  passScalar(start: number, end: number): void {
    this.#look(start);
    this.#goOn(start);
    this.#from = Math.max(this.#from, end);
  }

  /** Looks at what stands before a collection and goes on behind its first character, a bracket if it has any. */
  passStart(start: number): void {
    this.#look(start);
    this.#goOn(start + 1);
  }

  #look(end: number): void {
    for (let at = this.#suspects[this.#next]; at !== undefined && at < end; at = this.#suspects[this.#next]) {
      if (at >= this.#from && this.#openAt(at) === 0) refuse(at);
      this.#next += 1;
    }
  }

  #goOn(offset: number): void {
    if (offset <= this.#from) return;
    this.#open = this.#openAt(offset);
    this.#from = offset;
  }

  #openAt(offset: number): number {
    let open = this.#open;
    const gap = this.#text.slice(this.#from, offset).replace(/(?<=^|\s)#.*/gm, '');
    for (const [mark] of gap.matchAll(/[[\]{}]/g)) open += mark === '[' || mark === '{' ? 1 : -1;
    return Math.max(open, 0);
  }
}

function refuseInBlock(
  text: string,
  {
    valueStart,
    valueEnd,
    indent,
  }: { readonly valueStart: number; readonly valueEnd: number; readonly indent: number },
): void {
  const block = text.slice(valueStart, valueEnd);
  if (!block.includes('\t')) return;
  const first = /^ *\S/m.exec(block)?.index ?? block.length;
  for (const { index, 1: spaces = '' } of block.matchAll(inBlock))
    if (index <= first || spaces.length < indent) refuse(valueStart + index);
}

function refuse(offset: number): never {
  throw new YamlRefusal('a tab stands where kustomize takes spaces only', offset, 'replace tabs with spaces');
}
