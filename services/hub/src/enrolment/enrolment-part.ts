import { serveEnrolment } from '@meridian/link';
import type { EnrolmentServer, IssuingConfig } from '@meridian/link';
import type { Clock, Part } from '@meridian/runtime';
import type { Logger } from '@meridian/telemetry';
import type { HubConfig } from '../config.ts';
import type { TokenDesk } from './token-desk.ts';

/** What serving enrolment is made of. */
export interface EnrolmentPartConfig {
  readonly config: Pick<HubConfig, 'link' | 'enrolment'>;
  readonly tokens: Pick<TokenDesk, 'take'>;
  readonly onIssued: IssuingConfig['onIssued'];
  readonly clock: Clock;
  readonly log: Logger;
}

/** The place where agents without a valid certificate get one; no part when the hub is not told of one. */
export function enrolmentPart({
  config,
  tokens,
  onIssued,
  clock,
  log,
}: EnrolmentPartConfig): readonly Part[] {
  const { enrolment } = config;
  const { issuing, ...files } = config.link;
  if (enrolment === undefined || issuing === undefined) return [];
  let server: EnrolmentServer | undefined;
  return [
    {
      name: 'enrolment',
      async start() {
        const takeToken = (ask: Parameters<TokenDesk['take']>[0]) => tokens.take(ask);
        server = await serveEnrolment({
          ...files,
          ...issuing,
          ...enrolment,
          onIssued,
          takeToken,
          clock,
          log,
        });
        log.info({ url: enrolment.address }, 'agents can enrol');
      },
      stop: async () => server?.stop(),
    },
  ];
}
