import { goQuote } from '@meridian/cel';
import { ApiError, badRequestError, invalidError } from '../errors/api-error.ts';
import { forbidden, GoText, invalid, notSupported, required, tooLong } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import type { Json } from '../json.ts';

/** How a write was asked for. */
export interface WriteQuery {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  readonly force: boolean;
}

/** Which options a request has: each has its own kind in refusals. */
export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

const maxManager = 128;

/** Reads and checks the options of a write (k8s.io/apimachinery/pkg/apis/meta/v1/validation). Throws 422. */
export function writeQuery(
  query: URLSearchParams,
  kind: OptionsKind,
  { userAgent, isApply }: { readonly userAgent: string; readonly isApply: boolean },
): WriteQuery {
  const fieldManager = query.get('fieldManager') ?? '';
  const force = query.get('force');
  const errors = [
    ...(kind === 'PatchOptions' ? patchErrors(fieldManager, force, isApply) : []),
    ...managerErrors(fieldManager),
    ...dryRunErrors(query),
    ...validationErrors(query.get('fieldValidation') ?? ''),
  ];
  refuse(kind, errors);
  const asked = query.get('fieldValidation');
  return {
    dryRun: query.getAll('dryRun').includes('All'),
    fieldManager: fieldManager === '' ? managerOf(userAgent) : fieldManager,
    fieldValidation: asked === 'Ignore' || asked === 'Strict' ? asked : 'Warn',
    force: force === 'true' || force === '1',
  };
}

/** Throws 422 about the options of a request. */
export function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidError({ group: 'meta.k8s.io', kind }, '', errors);
}

/** Findings about `dryRun`. */
export function dryRunErrors(query: URLSearchParams): FieldError[] {
  return dryRunValueErrors(query.getAll('dryRun'));
}

/** Findings about what was said of dry runs. */
export function dryRunValueErrors(given: readonly Json[]): FieldError[] {
  return given.every((value) => value === 'All')
    ? []
    : [notSupported('dryRun', new GoText(JSON.stringify(given)), ['All'])];
}

function patchErrors(manager: string, force: string | null, isApply: boolean): FieldError[] {
  if (isApply) return manager === '' ? [required('fieldManager', 'is required for apply patch')] : [];
  return force === null ? [] : [forbidden('force', 'may not be specified for non-apply patch')];
}

function managerErrors(manager: string): FieldError[] {
  const errors = Buffer.byteLength(manager) > maxManager ? [tooLong('fieldManager', maxManager)] : [];
  const at = [...manager].findIndex((character) => /[\p{C}\p{Zl}\p{Zp}]/u.test(character));
  if (at < 0) return errors;
  const code = [...manager][at]?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? '';
  const why = `invalid character U+${code} (at position ${String(at)})`;
  return [...errors, invalid('fieldManager', manager, why)];
}

function validationErrors(asked: string): FieldError[] {
  const known = ['', 'Ignore', 'Warn', 'Strict'];
  return known.includes(asked)
    ? []
    : [notSupported('fieldValidation', asked, ['', 'Ignore', 'Strict', 'Warn'])];
}

/** The manager of a client that names none: its user agent up to the first slash. */
function managerOf(userAgent: string): string {
  return (userAgent.split('/')[0] ?? '').slice(0, maxManager);
}

/** Throws 400 about a parameter of a read that servers of long ago knew. */
export function refuseExport(query: URLSearchParams): void {
  if (query.has('export')) {
    throw badRequestError('the export parameter, deprecated since v1.14, is no longer supported');
  }
}

/** How a list or watch was asked for, checked. */
export interface ListOptions {
  readonly watch: boolean;
  readonly labelSelector: string;
  readonly fieldSelector: string;
  readonly limit: number;
  readonly continue: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly sendInitialEvents: boolean;
  readonly allowWatchBookmarks: boolean;
  /** Seconds; undefined for as long as the server likes. */
  readonly timeoutSeconds: number | undefined;
}

/** Reads and checks the options of a list or watch. Throws 400 and 422. */
export function listOptions(query: URLSearchParams): ListOptions {
  const options: ListOptions = {
    watch: isTrue(query.get('watch')),
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    limit: integerOf(query.get('limit')) ?? 0,
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    sendInitialEvents: isTrue(query.get('sendInitialEvents')),
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds: integerOf(query.get('timeoutSeconds')),
  };
  const asksForInitialEvents = query.has('sendInitialEvents');
  refuse(
    'ListOptions',
    options.watch ? watchErrors(options, asksForInitialEvents) : listErrors(options, asksForInitialEvents),
  );
  checkRevision(options.resourceVersion, options.watch);
  return options;
}

function watchErrors(options: ListOptions, asksForInitialEvents: boolean): FieldError[] {
  const at = 'resourceVersionMatch';
  const { resourceVersionMatch: match } = options;
  const errors: FieldError[] = [];
  if (asksForInitialEvents && match !== 'NotOlderThan') {
    errors.push(forbidden(at, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (!asksForInitialEvents && match !== '') {
    errors.push(
      forbidden(at, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
    );
  }
  if (match !== '' && match !== 'NotOlderThan') errors.push(notSupported(at, match, ['NotOlderThan']));
  // A watch from now on begins with what is there, as if it had said so with its match.
  const beginsWithAll = !asksForInitialEvents && ['', '0'].includes(options.resourceVersion);
  return match !== '' || beginsWithAll ? [...errors, ...continueErrors(options)] : errors;
}

function continueErrors(options: ListOptions): FieldError[] {
  return options.continue === ''
    ? []
    : [forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided')];
}

function listErrors(options: ListOptions, asksForInitialEvents: boolean): FieldError[] {
  const initial = asksForInitialEvents
    ? [forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')]
    : [];
  return [...initial, ...matchErrors(options)];
}

function matchErrors({
  resourceVersionMatch: match,
  resourceVersion,
  ...options
}: ListOptions): FieldError[] {
  const at = 'resourceVersionMatch';
  if (match === '') return [];
  const errors: FieldError[] = [];
  if (resourceVersion === '') {
    errors.push(forbidden(at, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
  }
  errors.push(...continueErrors({ resourceVersion, resourceVersionMatch: match, ...options }));
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    errors.push(notSupported(at, match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && resourceVersion === '0') {
    errors.push(forbidden(at, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  return errors;
}

/** Throws 400, or 500 where no list is asked for, about a revision that is no whole number of 64 bits. */
export function checkRevision(resourceVersion: string, isWatch: boolean): void {
  const isNumber = /^\d*$/.test(resourceVersion);
  if (isNumber && BigInt.asUintN(64, BigInt(resourceVersion)) === BigInt(resourceVersion)) return;
  const shown = goQuote(resourceVersion);
  const what = isNumber ? 'value out of range' : 'invalid syntax';
  const why = `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: ${what}`;
  if (isWatch) throw new ApiError(why, { code: 500 });
  throw badRequestError(`invalid resource version: ${why}`);
}

/** A whole number of 64 bits; undefined when there is none. Throws 400. */
export function integerOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  const refused = (why: string) => badRequestError(`strconv.ParseInt: parsing ${goQuote(text)}: ${why}`);
  if (!/^[-+]?\d+$/.test(text)) throw refused('invalid syntax');
  if (BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) throw refused('value out of range');
  return Number(text);
}

/** Whether a query says yes: with any text but `0` and `false`. */
export function isTrue(text: string | null): boolean {
  return text !== null && text !== '0' && text.toLowerCase() !== 'false';
}
