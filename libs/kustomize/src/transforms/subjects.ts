import type { Place } from '../build/step.ts';
import { fieldSpec } from '../config/field-spec.ts';
import { refuse } from '../refusal.ts';
import type { Resource } from '../resources/resource.ts';
import { isQuoted, withQuoted } from '../values/quotes.ts';
import {
  fieldOf,
  isFields,
  isList,
  isNull,
  isScalar,
  textOf,
  type Fields,
  type Value,
} from '../values/value.ts';
import { changeFields, compileSpecs, FieldError, type FieldChange, type Looking } from './field-spec.ts';

/** Which subjects of a role binding follow a namespace. */
export type SubjectMode = 'defaultOnly' | 'allServiceAccounts' | 'none';

/** The mode that a configuration asks for; nothing means `defaultOnly`. */
export function subjectMode(written: string, place: Place): SubjectMode {
  if (written === '' || written === 'defaultOnly') return 'defaultOnly';
  if (written === 'allServiceAccounts' || written === 'none') return written;
  refuse({
    ...place,
    message: `setRoleBindingSubjects cannot be ${written}`,
    fix: 'use defaultOnly, allServiceAccounts or none',
  });
}

const subjects = compileSpecs([fieldSpec('subjects')]).forKind({ group: '', version: '', kind: '' });

/**
 * Moves subjects of a role binding with the namespace: those named `default`, which are in every namespace, or all service
 * accounts. Subjects with other names follow later, as references to the accounts.
 */
export function moveSubjects(
  resource: Resource,
  {
    mode,
    change,
    step,
  }: { readonly mode: SubjectMode; readonly change: FieldChange; readonly step: Looking },
): Resource {
  if (mode === 'none') return resource;
  const [key, wanted] = mode === 'defaultOnly' ? ['name', 'default'] : ['kind', 'ServiceAccount'];
  const moved = (subject: Value): Value => {
    if (isNull(subject)) return subject;
    if (!isFields(subject)) throw new FieldError('a subject must be a mapping');
    return isMeant(subject, key ?? '', wanted ?? '') ? withNamespace(subject, change) : subject;
  };
  const set = (value: Value | undefined): Value => {
    if (value === undefined || isNull(value)) return null;
    if (!isList(value)) throw new FieldError('the subjects must be a list');
    return value.some((each) => moved(each) !== each) ? value.map(moved) : value;
  };
  return changeFields(resource, subjects, { makes: 'nothing', set }, step);
}

function isMeant(subject: Fields, key: string, wanted: string): boolean {
  const value = fieldOf(subject, key);
  if (value === undefined || isNull(value)) return false;
  if (!isScalar(value)) throw new FieldError(`the ${key} of a subject must be text`);
  return textOf(value) === wanted;
}

function withNamespace(subject: Fields, change: FieldChange): Fields {
  const spec = fieldSpec('subjects/namespace');
  const isInQuotes = isQuoted(subject, 'namespace');
  const namespace = change.set(fieldOf(subject, 'namespace'), spec, isInQuotes);
  return withQuoted(subject, 'namespace', namespace, isInQuotes);
}
