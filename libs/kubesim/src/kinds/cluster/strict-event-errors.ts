import { subdomainProblems } from '@meridian/cel';
import { GoText, invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt, valueAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { goInternalText } from '../../schema/go-internal.ts';
import { formErrors, numberIn, textIn } from '../validation/go-fields.ts';

/** What only the group of its own asks of a new event, beyond what every event needs. It is in the form of the core group. */
export function strictEventErrors(event: KubeObject): FieldError[] {
  const type = textIn(event, 'type');
  return [
    ...formErrors(event.metadata.name ?? '', 'metadata.name', subdomainProblems),
    ...seriesErrors(event),
    ...(textIn(event, 'eventTime') === '' ? [required('eventTime')] : []),
    ...(['Normal', 'Warning'].includes(type) ? [] : [invalid('type', '', `has invalid value: ${type}`)]),
    ...usedErrors(event),
  ];
}

/** What only the group of its own refuses to change of an event: all but its metadata and its series. */
export function strictEventChange(event: KubeObject, old: KubeObject): FieldError[] {
  const series = goEqual(event['series'], old['series']) ? [] : seriesErrors(event);
  return [...series, ...fixed.flatMap((field) => changeErrors(event, old, field))];
}

function seriesErrors(event: KubeObject): FieldError[] {
  const series = objectAt(event, 'series');
  if (series === undefined) return [];
  return [
    ...(numberIn(series, 'count') < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(textIn(series, 'lastObservedTime') === '' ? [required('series.lastObservedTime')] : []),
  ];
}

/** Fields of the older style, which have to be empty. */
function usedErrors(event: KubeObject): FieldError[] {
  const source = objectAt(event, 'source');
  const used = {
    firstTimestamp: textIn(event, 'firstTimestamp') !== '',
    lastTimestamp: textIn(event, 'lastTimestamp') !== '',
    count: numberIn(event, 'count') !== 0,
    source: textIn(source, 'component') !== '' || textIn(source, 'host') !== '',
  };
  return Object.entries(used).flatMap(([field, isUsed]) =>
    isUsed ? [invalid(field, '', 'needs to be unset')] : [],
  );
}

interface FixedField {
  /** As the core group has it. */
  readonly field: string;
  /** As refusals name it; as the core group does unless told. */
  readonly path?: string;
  /** Of the API server's own types; text and numbers show as they are. */
  readonly type: string;
}

/** In the order in which they are compared; the reason is compared twice. */
const fixed: readonly FixedField[] = [
  { field: 'involvedObject', type: 'core.ObjectReference' },
  { field: 'reason', type: 'string' },
  { field: 'message', type: 'string' },
  { field: 'source', type: 'core.EventSource' },
  { field: 'firstTimestamp', type: 'Time' },
  { field: 'lastTimestamp', type: 'Time' },
  { field: 'count', type: 'int32' },
  { field: 'reason', type: 'string' },
  { field: 'type', type: 'string' },
  { field: 'eventTime', type: 'MicroTime' },
  { field: 'action', type: 'string' },
  { field: 'related', type: '*core.ObjectReference' },
  { field: 'reportingComponent', path: 'reportingController', type: 'string' },
  { field: 'reportingInstance', type: 'string' },
];

function changeErrors(
  event: KubeObject,
  old: KubeObject,
  { field, path = field, type }: FixedField,
): FieldError[] {
  const [now, before] = [event, old].map((one) => goInternalText(valueAt(one, field) ?? undefined, type));
  return now === before ? [] : [invalid(path, new GoText(now ?? ''), 'field is immutable')];
}
