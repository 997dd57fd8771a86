import { headers as newHeaders } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { FaultError } from '@meridian/runtime';
import { ask } from './ask.ts';
import { directGet } from './direct-get.ts';
import { headerNames, safeToken, statusStream } from './names.ts';
import { parseJson } from './parse-json.ts';
import { readAnswer } from './publish.ts';

/** What is noted of the enrolment of a cluster, and its place, which a change has to name. */
export interface EnrolmentNote {
  /** The JSON that was written; undefined when there is none. */
  readonly value: unknown;
  readonly sequence: number;
}

/** One note for each cluster, shared by all hub replicas. */
export interface EnrolmentBook {
  read(cluster: string): Promise<EnrolmentNote>;
  /** Replaces the note if it is still the one at that place; false when another was faster. Throws FaultError. */
  write(cluster: string, value: unknown, sequence: number): Promise<boolean>;
}

/** The book of an open ledger. It lies beside the statuses, whose readers pass over what is not theirs. */
export function openEnrolmentBook(nats: NatsConnection): EnrolmentBook {
  const subjectOf = (cluster: string) => `status.${safeToken(cluster, 'cluster')}.enrolment`;
  return {
    async read(cluster) {
      const found = await directGet(nats, { stream: statusStream, subject: subjectOf(cluster) });
      return found === undefined
        ? { value: undefined, sequence: 0 }
        : { value: parseJson(found.body), sequence: found.sequence };
    },
    async write(cluster, value, sequence) {
      const headers = newHeaders();
      headers.set(headerNames.expectedStream, statusStream);
      headers.set(headerNames.expectedSubjectSequence, `${sequence}`);
      const body = JSON.stringify(value);
      const answer = await ask(nats, { subject: subjectOf(cluster), body, headers, timeoutMs: 5_000 });
      const outcome = readAnswer(answer.data);
      if (outcome.kind === 'failed') throw outcome.fault;
      if (outcome.kind === 'unknown')
        throw new FaultError('unavailable', 'NATS did not say that it kept the note', { retry: 'later' });
      return outcome.kind === 'stored';
    },
  };
}
