import { assignmentsIn, pairOf } from './facts.ts';
import type { AssignFact, CaseFile, Violation } from './facts.ts';
import { violation } from './terms.ts';

/**
 * I3: the generation of an application in a cluster strictly grows, and one generation has one content, signed anew as often as
 * it may be. Signatures are good and say the term and the target of the message that they come in, and a revision in which the
 * application cannot be rendered is never assigned.
 */
export function auditAssignments(file: Pick<CaseFile, 'ledger' | 'commits'>): Violation[] {
  const last = new Map<string, AssignFact>();
  return assignmentsIn(file.ledger).flatMap((fact) => {
    const key = `${fact.life} ${pairOf(fact.body)}`;
    const before = last.get(key);
    if (!before || before.body.generation <= fact.body.generation) last.set(key, fact);
    return [auditSignature(fact), auditGeneration(fact, before), auditRevision(fact, file)].filter(
      (found) => found !== undefined,
    );
  });
}

function auditSignature(fact: AssignFact): Violation | undefined {
  const { body, subject, term } = fact;
  if (body.refusal !== undefined) return violation('signed', fact, body.refusal);
  const [, , , cluster, application] = subject.split('.');
  if (cluster !== body.cluster || application !== body.application)
    return violation('signed', fact, `assigns ${body.application} in ${body.cluster}`);
  return body.term === term
    ? undefined
    : violation('signed', fact, `is signed for term ${body.term} in term ${term}`);
}

function auditGeneration(fact: AssignFact, before: AssignFact | undefined): Violation | undefined {
  const { generation, release, bundle } = fact.body;
  if (!before) return undefined;
  if (generation < before.body.generation)
    return violation('I3', fact, `goes from generation ${before.body.generation} back to ${generation}`);
  if (generation > before.body.generation) return undefined;
  const isSame = release === before.body.release && bundle === before.body.bundle;
  return isSame ? undefined : violation('I3', fact, `gives generation ${generation} a second content`);
}

function auditRevision(fact: AssignFact, { commits }: Pick<CaseFile, 'commits'>): Violation | undefined {
  const { revision, application } = fact.body;
  const authored = commits.get(revision)?.get(application);
  if (!authored) return violation('authored', fact, `assigns revision ${revision}, which nobody made`);
  return authored.content === undefined
    ? violation('broken', fact, `assigns revision ${revision}, in which ${application} is broken`)
    : undefined;
}
