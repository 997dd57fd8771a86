import { YamlRefusal } from '../refusal.ts';
import type { EventList } from './event.ts';
import { Parser } from './parser.ts';
import { Scanner, type ScannerOptions } from './scanner.ts';
import { YamlSyntaxError, type TextPart } from './syntax-error.ts';

/** How a text is parsed. */
export interface GrammarOptions extends ScannerOptions {
  /** Whether the text is read up to the end of its first document only. */
  readonly firstOnly: boolean;
}

/**
 * The events of a part of a text, put behind others; offsets are those of the whole text. Throws {@link YamlSyntaxError}
 * where go-yaml refuses and {@link YamlRefusal} where a limit is passed.
 */
export function parseEvents(
  text: string,
  part: TextPart,
  { events, ...options }: GrammarOptions & { readonly events: EventList },
): void {
  const base = text.charCodeAt(part.from) === byteOrderMark ? part.from + 1 : part.from;
  const parser = new Parser(new Scanner(text.slice(base, part.to), options), events, base);
  try {
    let isMore = parser.document();
    while (isMore && !options.firstOnly) isMore = parser.document();
  } catch (error) {
    throw moved(error, base, part);
  }
}

const byteOrderMark = 0xfeff;

function moved(error: unknown, base: number, part: TextPart): unknown {
  if (error instanceof YamlSyntaxError) return new YamlSyntaxError(error.message, base + error.offset, part);
  return error instanceof YamlRefusal
    ? new YamlRefusal(error.message, base + error.offset, error.fix)
    : error;
}
