import { numberAt, textAt, valueAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';

/** A parsed field selector, or why it is none, in the server's words. */
export type ParsedFieldSelector =
  | { readonly ok: true; matches(object: KubeObject): boolean }
  | { readonly ok: false; readonly message: string };

type Read = (object: KubeObject) => string;

/** The fields that objects of a kind can be selected by. */
export interface SelectableFields {
  readonly fields: Readonly<Record<string, Read>>;
  /** The refusal of a field that cannot be selected by. */
  refusal(field: string): string;
}

interface Term {
  readonly read: Read;
  readonly equal: boolean;
  readonly value: string;
}

const text =
  (...path: readonly string[]): Read =>
  (object) =>
    textAt(object, ...path) ?? '';

/** Go prints a boolean that is absent as false, and a number as zero. */
const flag =
  (...path: readonly string[]): Read =>
  (object) =>
    String(valueAt(object, ...path) === true);

const count =
  (...path: readonly string[]): Read =>
  (object) =>
    String(numberAt(object, ...path) ?? 0);

const name = { 'metadata.name': text('metadata', 'name') };
const names = { ...name, 'metadata.namespace': text('metadata', 'namespace') };

const plain = (field: string) => `field label not supported: ${field}`;

const ofAnyKind: SelectableFields = {
  fields: names,
  refusal: (field) =>
    `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
};

const ofEvents: SelectableFields = {
  fields: {
    ...names,
    ...Object.fromEntries(
      ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((field) => [
        `involvedObject.${field}`,
        text('involvedObject', field),
      ]),
    ),
    reason: text('reason'),
    reportingComponent: text('reportingComponent'),
    source: (object) => textAt(object, 'source', 'component') || (textAt(object, 'reportingComponent') ?? ''),
    type: text('type'),
  },
  refusal: plain,
};

/** The fields of a custom kind: its names, and the paths that its definition says. */
export function customSelectable(paths: readonly string[], namespaced: boolean): SelectableFields {
  const ofDefinition = paths.map((path) => [path, shown(path)] as const);
  return { fields: { ...(namespaced ? names : name), ...Object.fromEntries(ofDefinition) }, refusal: plain };
}

function shown(path: string): Read {
  return (object) => {
    const value = valueAt(object, ...path.split('.'));
    return typeof value === 'object' || value === undefined ? '' : String(value);
  };
}

/** Kinds with more selectable fields than the names: `AddFieldLabelConversionFunc` calls in pkg/apis of Kubernetes 1.36. */
const selectable: Readonly<Record<string, SelectableFields>> = {
  pods: {
    fields: {
      ...names,
      'spec.host': text('spec', 'nodeName'),
      'spec.nodeName': text('spec', 'nodeName'),
      'spec.restartPolicy': text('spec', 'restartPolicy'),
      'spec.schedulerName': text('spec', 'schedulerName'),
      'spec.serviceAccountName': text('spec', 'serviceAccountName'),
      'spec.hostNetwork': flag('spec', 'hostNetwork'),
      'status.phase': text('status', 'phase'),
      'status.podIP': text('status', 'podIP'),
      'status.podIPs': text('status', 'podIP'),
      'status.nominatedNodeName': text('status', 'nominatedNodeName'),
    },
    refusal: plain,
  },
  nodes: { fields: { ...name, 'spec.unschedulable': flag('spec', 'unschedulable') }, refusal: plain },
  replicationcontrollers: {
    fields: { ...names, 'status.replicas': count('status', 'replicas') },
    refusal: plain,
  },
  events: ofEvents,
  namespaces: { fields: { ...name, 'status.phase': text('status', 'phase') }, refusal: plain },
  secrets: { fields: { ...names, type: text('type') }, refusal: plain },
  services: {
    fields: { ...names, 'spec.clusterIP': text('spec', 'clusterIP'), 'spec.type': text('spec', 'type') },
    refusal: plain,
  },
  'jobs.batch': {
    fields: { ...names, 'status.successful': count('status', 'succeeded') },
    refusal: (field) => `field label ${JSON.stringify(field)} not supported for Job`,
  },
  'certificatesigningrequests.certificates.k8s.io': {
    fields: { ...name, 'spec.signerName': text('spec', 'signerName') },
    refusal: plain,
  },
};

/**
 * Reads a field selector, `metadata.name=a,status.phase!=Running`, for objects of a group resource (`pods`, `jobs.batch`);
 * the empty text selects everything. Grammar and refusals are those of `fields.ParseSelector` in k8s.io/apimachinery.
 */
export function parseFieldSelector(
  selector: string,
  resource: string,
  custom?: SelectableFields,
): ParsedFieldSelector {
  const builtIn = Object.hasOwn(selectable, resource) ? selectable[resource] : undefined;
  const kind = custom ?? builtIn ?? ofAnyKind;
  // All terms are read before the first field is looked up: a term that cannot be read is refused first.
  const read = readTerms(selector);
  if (typeof read === 'string') return { ok: false, message: read };
  const terms: Term[] = [];
  for (const term of read) {
    const bound = bind(kind, term);
    if (bound === undefined) return { ok: false, message: kind.refusal(term.field) };
    terms.push(bound);
  }
  return {
    ok: true,
    matches: (object) => terms.every((term) => (term.read(object) === term.value) === term.equal),
  };
}

/** The terms of a selector, in the order in which the server looks at them, or why they cannot be read. */
function readTerms(selector: string): readonly ReadTerm[] | string {
  const terms: ReadTerm[] = [];
  for (const part of splitAtCommas(selector).sort()) {
    if (part === '') continue;
    const term = readTerm(part);
    if (term === undefined) return `invalid selector: '${selector}'; can't understand '${part}'`;
    const value = unescaped(term.value);
    if (!value.ok) return value.message;
    // A term that names neither field nor value selects everything.
    if (term.field !== '' || value.value !== '') terms.push({ ...term, value: value.value });
  }
  return terms;
}

interface ReadTerm {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

function bind(kind: SelectableFields, { field, equal, value }: ReadTerm): Term | undefined {
  const read = Object.hasOwn(kind.fields, field) ? kind.fields[field] : undefined;
  return read === undefined ? undefined : { read, equal, value };
}

/** Splits at the commas that no backslash escapes. */
function splitAtCommas(selector: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (const [piece] of selector.matchAll(/\\[^]?|[^\\]/g)) {
    if (piece === ',') {
      parts.push(part);
      part = '';
    } else part += piece;
  }
  return [...parts, part];
}

/** The first operator of a term divides it: `a!=b`, `a==b`, `a=b`. */
function readTerm(term: string): ReadTerm | undefined {
  const found = /^([^]*?)(!=|==|=)([^]*)$/.exec(term);
  if (found === null) return undefined;
  const [, field = '', operator, value = ''] = found;
  return { field, equal: operator !== '!=', value };
}

type Unescaped =
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly message: string };

function unescaped(value: string): Unescaped {
  let plainText = '';
  for (const [piece] of value.matchAll(/\\[^]|[^]/gu)) {
    if (/^\\[\\,=]$/.test(piece)) plainText += piece.slice(1);
    else if (piece.startsWith('\\')) {
      return { ok: false, message: `invalid field selector: invalid escape sequence: ${piece}` };
    } else if (piece === '=' || piece === ',') {
      const code = String(piece.codePointAt(0));
      return { ok: false, message: `invalid field selector: unescaped character in value: ${code}` };
    } else plainText += piece;
  }
  return { ok: true, value: plainText };
}
