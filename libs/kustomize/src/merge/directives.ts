import { fieldOf, isFields, withoutField, type Fields } from '../values/value.ts';
import { MergeProblem, setItem, textIn, type Items } from './items.ts';

/** What `$patch` asks for; without it a patch merges. */
export type Directive = 'merge' | 'replace' | 'delete';

const key = '$patch';

/** The directive of a mapping of a patch, and the mapping without it. A word that is none is refused. */
export function directiveOf(patch: Fields): { readonly directive: Directive; readonly rest: Fields } {
  const value = fieldOf(patch, key);
  if (value === undefined) return { directive: 'merge', rest: patch };
  return { directive: directiveIn(textIn(value)), rest: withoutField(patch, key) };
}

/** The same for a mapping that the object does not have: a word that is no directive stays there as a field. */
export function directiveOfAdded(patch: Fields): { readonly directive: Directive; readonly rest: Fields } {
  return isDirective(textIn(fieldOf(patch, key))) ? directiveOf(patch) : { directive: 'merge', rest: patch };
}

/**
 * The directive of a list: that of its first item with `$patch`, if the item has no other field. Takes it out of the list,
 * with every other item of the same directive (kyaml merge2/smpdirective.go).
 */
export function takeListDirective(patch: Items): Directive {
  const item = patch.all.find(({ value }) => isFields(value) && fieldOf(value, key) !== undefined);
  if (!item || !isFields(item.value) || Object.keys(item.value).length > 1) return 'merge';
  const text = textIn(fieldOf(item.value, key));
  const directive = directiveIn(text);
  setItem(patch, { keys: [key], texts: [text] });
  return directive;
}

function directiveIn(text: string): Directive {
  if (isDirective(text)) return text;
  throw new MergeProblem(`$patch must be merge, replace or delete, not ${JSON.stringify(text)}`);
}

function isDirective(text: string): text is Directive {
  return text === 'merge' || text === 'replace' || text === 'delete';
}
