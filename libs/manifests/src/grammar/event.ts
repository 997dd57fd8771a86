import { tooManyValues } from '../refusal.ts';
import type { ScalarStyle } from './token.ts';

/** What a value is, or the end of a collection or document. */
export type EventKind = 'document' | 'sequence' | 'mapping' | 'scalar' | 'alias' | 'end';

/** A step through a YAML text: documents and collections start, hold others, and end. */
export interface YamlEvent {
  readonly kind: EventKind;
  /** Offset at which it starts. */
  readonly start: number;
  /** The name under which aliases know the value. */
  readonly anchor: string | undefined;
  /** In its short form, such as `!!int`. */
  readonly tag: string | undefined;
  /** What a scalar says, or the name that an alias refers to. */
  readonly text: string;
  /** `plain` for everything but scalars. */
  readonly style: ScalarStyle;
  /** Whether a collection stands in brackets or braces. */
  readonly isFlow: boolean;
}

function boundary(kind: 'document' | 'end', start: number): YamlEvent {
  return { kind, start, anchor: undefined, tag: undefined, text: '', style: 'plain', isFlow: false };
}

/** The events of a text, which may hold so many values; aliases count as one here. */
export class EventList {
  readonly events: YamlEvent[] = [];
  readonly #maxValues: number;
  #values = 0;

  constructor(maxValues: number) {
    this.#maxValues = maxValues;
  }

  /** Puts a value, or the start of one, behind the others; refuses one too many. */
  putValue(event: YamlEvent): void {
    this.#values += 1;
    if (this.#values > this.#maxValues) throw tooManyValues(this.#maxValues, event.start);
    this.events.push(event);
  }

  /** Puts the start of a document or an end behind the others. */
  putBoundary(kind: 'document' | 'end', start: number): void {
    this.events.push(boundary(kind, start));
  }
}
