import type { ApplicationStatus, Drift, FieldDrift, Health, ObjectStatus } from '@meridian/fleet';
import type { ObjectKey } from '@meridian/manifests';
import { checkReportsToWire, readCheckReports } from './check-report.ts';
import { FieldChecks, wireNumber } from './field-checks.ts';
import type { Parsed } from './field-checks.ts';
import type * as wire from './gen/meridian/v1/link.ts';
import { wireLimits } from './limits.ts';
import { plainText } from './plain-text.ts';
import { changeNames, healthNames, syncNames, wireChange, wireHealth, wireSync } from './status-names.ts';

const digestPattern = /^(sha256:[0-9a-f]{64})?$/;
const noKey: wire.ObjectKey = { group: '', kind: '', namespace: '', name: '' };

/** What goes first when there are more objects than one report carries. */
const worstFirst: { readonly [name in Health]: number } = {
  Degraded: 0,
  Missing: 1,
  Progressing: 2,
  Unknown: 3,
  Suspended: 4,
  Healthy: 5,
};

/** A status for the wire. What the other side would refuse is cut here: the worst 5,000 objects and the newest 50 drifts go. */
export function applicationStatusToWire(status: ApplicationStatus): wire.ApplicationStatus {
  return {
    cluster: status.cluster,
    application: status.application,
    release: status.release,
    revision: status.revision,
    bundle: status.bundle,
    generation: wireNumber(status.generation),
    term: wireNumber(status.term),
    incarnation: status.incarnation,
    sync: wireSync[status.sync],
    health: wireHealth[status.health],
    message: plainText(status.message, wireLimits.messageChars),
    objects: worstObjects(status.objects, wireLimits.objects).map(objectToWire),
    drift: status.drift.slice(0, wireLimits.drift).map(driftToWire),
    appliedAtMs: wireNumber(status.appliedAtMs ?? 0),
    healthSinceMs: wireNumber(status.healthSinceMs),
    observedAtMs: wireNumber(status.observedAtMs),
    refusedDeletions: wireNumber(status.refusedDeletions ?? 0),
    checks: checkReportsToWire(status.checks),
  };
}

/** A status from a peer, checked: names and enums refused when wrong, lists refused when too long, texts cut and escaped. */
export function applicationStatusFromWire(message: wire.ApplicationStatus): Parsed<ApplicationStatus> {
  const checks = new FieldChecks();
  return checks.result(readApplicationStatus(checks, '', message));
}

/** Reads a status within a larger message; `at` is the path of the status, ending in a dot. */
export function readApplicationStatus(
  checks: FieldChecks,
  at: string,
  message: wire.ApplicationStatus,
): ApplicationStatus {
  const digest = (field: string, value: string) => {
    if (!digestPattern.test(value))
      checks.refuse('bad_name', `${at}${field}`, 'must be sha256:<64 hex digits> or empty');
    return value;
  };
  const appliedAtMs = checks.number(`${at}appliedAtMs`, message.appliedAtMs);
  const refusedDeletions = checks.number(`${at}refusedDeletions`, message.refusedDeletions);
  const reports = readCheckReports(checks, `${at}checks`, message.checks);
  return {
    cluster: checks.label(`${at}cluster`, message.cluster),
    application: checks.label(`${at}application`, message.application),
    release: digest('release', message.release),
    revision: checks.exact(`${at}revision`, message.revision, wireLimits.idChars),
    bundle: digest('bundle', message.bundle),
    generation: checks.number(`${at}generation`, message.generation),
    term: checks.number(`${at}term`, message.term),
    incarnation: checks.exact(`${at}incarnation`, message.incarnation, wireLimits.idChars),
    sync: checks.choice(`${at}sync`, message.sync, syncNames, 'Failed'),
    health: checks.choice(`${at}health`, message.health, healthNames, 'Unknown'),
    message: checks.text(message.message, wireLimits.messageChars),
    objects: checks.list(`${at}objects`, message.objects, wireLimits.objects, (object, index) =>
      readObject(checks, `${at}objects[${index}].`, object),
    ),
    drift: checks.list(`${at}drift`, message.drift, wireLimits.drift, (drift, index) =>
      readDrift(checks, `${at}drift[${index}].`, drift),
    ),
    ...(refusedDeletions > 0 ? { refusedDeletions } : {}),
    ...(reports.length > 0 ? { checks: reports } : {}),
    ...(appliedAtMs > 0 ? { appliedAtMs } : {}),
    healthSinceMs: checks.number(`${at}healthSinceMs`, message.healthSinceMs),
    observedAtMs: checks.number(`${at}observedAtMs`, message.observedAtMs),
  };
}

function readKey(checks: FieldChecks, at: string, key: wire.ObjectKey | undefined): ObjectKey {
  const present = checks.present(`${at}key`, key, noKey);
  return {
    group: checks.exact(`${at}key.group`, present.group, wireLimits.nameChars),
    kind: checks.exact(`${at}key.kind`, present.kind, wireLimits.nameChars),
    namespace: checks.exact(`${at}key.namespace`, present.namespace, wireLimits.nameChars),
    name: checks.exact(`${at}key.name`, present.name, wireLimits.nameChars),
  };
}

function readObject(checks: FieldChecks, at: string, object: wire.ObjectStatus): ObjectStatus {
  return {
    key: readKey(checks, at, object.key),
    health: checks.choice(`${at}health`, object.health, healthNames, 'Unknown'),
    reason: checks.text(object.reason, wireLimits.reasonChars),
  };
}

function readDrift(checks: FieldChecks, at: string, drift: wire.Drift): Drift {
  const healedAtMs = checks.number(`${at}healedAtMs`, drift.healedAtMs);
  return {
    key: readKey(checks, at, drift.key),
    change: checks.choice(`${at}change`, drift.change, changeNames, 'modified'),
    manager: checks.text(drift.manager, wireLimits.idChars),
    fields: checks.list(`${at}fields`, drift.fields, wireLimits.fieldsPerDrift, (field) => ({
      path: checks.text(field.path, wireLimits.pathChars),
      desired: checks.text(field.desired, wireLimits.valueChars),
      live: checks.text(field.live, wireLimits.valueChars),
    })),
    firstSeenMs: checks.number(`${at}firstSeenMs`, drift.firstSeenMs),
    ...(healedAtMs > 0 ? { healedAtMs } : {}),
  };
}

/** The objects, or when there are more than `most` the worst of them, worst first. */
export function worstObjects(objects: readonly ObjectStatus[], most: number): readonly ObjectStatus[] {
  if (objects.length <= most) return objects;
  return objects.toSorted((a, b) => worstFirst[a.health] - worstFirst[b.health]).slice(0, most);
}

function objectToWire(object: ObjectStatus): wire.ObjectStatus {
  return {
    key: { ...object.key },
    health: wireHealth[object.health],
    reason: plainText(object.reason, wireLimits.reasonChars),
  };
}

function driftToWire(drift: Drift): wire.Drift {
  return {
    key: { ...drift.key },
    change: wireChange[drift.change],
    manager: plainText(drift.manager, wireLimits.idChars),
    fields: drift.fields.slice(0, wireLimits.fieldsPerDrift).map(fieldToWire),
    firstSeenMs: wireNumber(drift.firstSeenMs),
    healedAtMs: wireNumber(drift.healedAtMs ?? 0),
  };
}

function fieldToWire(field: FieldDrift): wire.FieldDrift {
  return {
    path: plainText(field.path, wireLimits.pathChars),
    desired: plainText(field.desired, wireLimits.valueChars),
    live: plainText(field.live, wireLimits.valueChars),
  };
}
