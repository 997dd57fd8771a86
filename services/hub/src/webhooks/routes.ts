import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { pushedBranches } from './pushed-branches.ts';
import { gitHosts, isSigned } from './signature.ts';

/** What the webhook routes need. */
export interface WebhookPorts {
  /** Shared secret; undefined turns webhooks off (the poll still finds every commit). */
  readonly secret: string | undefined;
  /** Branch of the fleet repo; pushes to others are ignored. */
  readonly branch: string;
  /** Asks every hub replica to fetch now. Asking again before it has happened costs nothing. */
  readonly refresh: () => void;
}

const bodyLimitBytes = 1024 * 1024;
const hostParameter = z.object({ host: z.enum(gitHosts) });

/**
 * Adds `POST /webhooks/:host` in a scope of its own. The body is kept as bytes, because the signature is over bytes;
 * it is parsed only when the signature is right.
 */
export async function webhookRoutes(server: FastifyInstance, ports: WebhookPorts): Promise<void> {
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: bodyLimitBytes },
      (_request, body, done) => done(null, body),
    );
    scope.post('/webhooks/:host', { bodyLimit: bodyLimitBytes }, (request, reply) => {
      const parameters = hostParameter.safeParse(request.params);
      if (!parameters.success) {
        return refuse(reply, 404, {
          code: 'not_found',
          message: 'no such git host',
          fix: `use one of ${gitHosts.join(', ')}`,
        });
      }
      const { host } = parameters.data;
      if (ports.secret === undefined) {
        return refuse(reply, 404, {
          code: 'not_found',
          message: 'webhooks are off',
          fix: 'set MERIDIAN_WEBHOOK_SECRET_FILE',
        });
      }
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      if (!isSigned(host, request.headers, body, ports.secret)) {
        return refuse(reply, 401, {
          code: 'not_signed',
          message: 'the signature is missing or wrong',
          fix: 'give the git host the secret of MERIDIAN_WEBHOOK_SECRET_FILE',
        });
      }
      const pushed = pushedBranches(host, parsed(body));
      if (pushed.kind === 'malformed') return refuse(reply, 400, { code: 'invalid', message: pushed.reason });
      const ours = pushed.kind === 'branches' && pushed.branches.includes(ports.branch);
      if (ours) ports.refresh();
      return reply.code(202).send({ accepted: ours });
    });
  });
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function refuse(
  reply: FastifyReply,
  status: number,
  error: { code: string; message: string; fix?: string },
): FastifyReply {
  return reply.code(status).send({ error });
}
