import { nearest } from '@meridian/manifests';
import { parseApiVersion } from '../resources/id.ts';
import { kindOfShortName } from './short-names.ts';

/** What names an object for people. */
export interface Named {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** One object, or why the name means none or several. */
export type Chosen<Object> = { readonly object: Object } | { readonly message: string; readonly fix: string };

/**
 * The object that a text means, as kubectl names it: `deployment/web`, `deployment.apps/web`, with `NAMESPACE/` before it
 * where the rest fits several. The kind may be a plural, a short name and in any case.
 */
export function chooseObject<Object extends Named>(text: string, objects: readonly Object[]): Chosen<Object> {
  const parts = text.split('/');
  const [name = '', kind = '', namespace] = parts.toReversed();
  if (parts.length < 2 || parts.length > 3 || name === '' || kind === '')
    return { message: `${JSON.stringify(text)} is no object`, fix: 'write KIND/NAME or NAMESPACE/KIND/NAME' };
  const found = objects.filter(
    (object) =>
      object.name === name &&
      isKind(kind.toLowerCase(), object) &&
      (namespace === undefined || object.namespace === namespace),
  );
  const [object] = found;
  if (object && found.length === 1) return { object };
  if (object)
    return {
      message: `${text} fits ${found.length} objects`,
      fix: `write ${found.map(longText).join(' or ')}`,
    };
  return { message: `there is no ${text}`, fix: fixOf(text, objects) };
}

function isKind(asked: string, { apiVersion, kind }: Named): boolean {
  const dot = asked.indexOf('.');
  const [word, group] = dot < 0 ? [asked, undefined] : [asked.slice(0, dot), asked.slice(dot + 1)];
  if (group !== undefined && group !== parseApiVersion(apiVersion).group) return false;
  const lower = kind.toLowerCase();
  const plurals = [lower, `${lower}s`, `${lower}es`, lower.replace(/y$/, 'ies')];
  return plurals.includes(word) || kindOfShortName.get(word) === lower;
}

const mostNamed = 10;
const mostCandidates = 2_000;

function fixOf(text: string, objects: readonly Named[]): string {
  const texts = objects.map(shortText);
  const near = nearest(text, texts.slice(0, mostCandidates));
  if (near !== undefined) return `did you mean ${near}?`;
  if (texts.length === 0) return 'nothing is rendered';
  const more = texts.length > mostNamed ? `, and ${texts.length - mostNamed} more` : '';
  return `choose one of ${texts.slice(0, mostNamed).join(', ')}${more}`;
}

function shortText({ kind, name }: Named): string {
  return `${kind.toLowerCase()}/${name}`;
}

function longText(object: Named): string {
  const { group } = parseApiVersion(object.apiVersion);
  const kind = `${object.kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${object.name}`;
  return object.namespace === undefined ? kind : `${object.namespace}/${kind}`;
}
