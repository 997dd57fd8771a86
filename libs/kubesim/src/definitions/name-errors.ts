import { serviceLabelProblems } from '@meridian/cel';
import { invalid } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { itemsAt, textAt } from '../json.ts';
import type { Json } from '../json.ts';
import { textsIn } from './internal-spec.ts';

/** What is wrong with the names of a definition, asked for or accepted; those that are absent are fine here. */
export function nameErrors(names: Json | undefined, path: string): FieldError[] {
  const kind = textAt(names, 'kind') ?? '';
  const listKind = textAt(names, 'listKind') ?? '';
  return [
    ...label(textAt(names, 'plural') ?? '', `${path}.plural`),
    ...label(textAt(names, 'singular') ?? '', `${path}.singular`),
    ...kindName(kind, `${path}.kind`),
    ...kindName(listKind, `${path}.listKind`),
    ...labels(itemsAt(names, 'shortNames'), `${path}.shortNames`),
    ...(kind !== '' && kind === listKind
      ? [invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same')]
      : []),
    ...labels(itemsAt(names, 'categories'), `${path}.categories`),
  ];
}

function labels(names: readonly Json[], path: string): FieldError[] {
  return textsIn(names).flatMap((name, index) => mustBeLabel(name, `${path}[${String(index)}]`));
}

function label(name: string, path: string): FieldError[] {
  return name === '' ? [] : mustBeLabel(name, path);
}

/** A name that must be a DNS label of RFC 1035; all that is wrong with it is one finding. */
export function mustBeLabel(name: string, path: string): FieldError[] {
  const problems = serviceLabelProblems(name);
  return problems.length === 0 ? [] : [invalid(path, name, problems.join(','))];
}

function kindName(kind: string, path: string): FieldError[] {
  const problems = kind === '' ? [] : serviceLabelProblems(kind.toLowerCase());
  const words = 'may have mixed case, but should otherwise match: ';
  return problems.length === 0 ? [] : [invalid(path, kind, `${words}${problems.join(',')}`)];
}
