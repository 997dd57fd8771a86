import { oldBoolean, plainTag } from './scalars.ts';

/** How a text is written in YAML. */
export type Style = 'plain' | 'single' | 'double' | 'literal';

const simple = /^[A-Za-z_/][A-Za-z0-9_/.-]*$/;
/** What the emitter counts as not printable: tabs too, and everything beyond the basic plane. */
const special = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufeff\ufffe\uffff\ud800-\udfff]/;
const lineBreak = /[\n\u2028\u2029]/;
const spaceBeforeBreak = / [\n\u2028\u2029]/;
const spaceBehindBreak = /[\n\u2028\u2029] /;
/** What a text without quotes may not start with, hold or end with. */
const indicator = /^ | $|^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t]|$))|:(?:[ \t]|$)| #/;
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/**
 * The style that go-yaml v2 chooses for a text (encode.go stringv, emitterc.go analyze_scalar and select_scalar_style): a
 * text that would be read as something else is double-quoted, one with line breaks is a block where that is possible. The
 * keys of mappings are never blocks.
 */
export function styleOf(text: string, key: boolean): Style {
  if (simple.test(text)) return text.length > 5 || readsAsText(text) ? 'plain' : 'double';
  if (special.test(text)) return 'double';
  const broken = lineBreak.test(text);
  if (broken) return key ? 'double' : brokenStyle(text);
  if (!readsAsText(text)) return 'double';
  return indicator.test(text) ? 'single' : 'plain';
}

function brokenStyle(text: string): Style {
  if (spaceBeforeBreak.test(text)) return 'double';
  if (text.includes('\n')) return text.endsWith(' ') ? 'double' : 'literal';
  // Only Unicode's own line separators; go-yaml writes blocks for line feeds alone.
  return spaceBehindBreak.test(text) ? 'double' : 'single';
}

/**
 * Whether a reader takes the text for a text when it has no quotes; YAML 1.1 readers and base 60 are cared for, and `<<`
 * is forgotten.
 */
function readsAsText(text: string): boolean {
  const tag = plainTag(text);
  return (tag === '!!str' || tag === '!!merge') && oldBoolean(text) === undefined && !base60.test(text);
}
