import { FaultError } from '@meridian/runtime';
import type { FaultCode } from '@meridian/runtime';

/** One detail of a refusal: a field and why it is refused. */
export interface StatusCause {
  readonly reason: string;
  readonly field: string;
  /** Empty for Secrets, whose values may be quoted in it. */
  readonly message: string;
}

/** A field that another manager owns. */
export interface FieldConflict {
  readonly manager: string;
  readonly field: string;
}

/** What a KubeStatusError carries beside its message. */
export interface StatusFacts {
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  /** Fields that cannot be changed, when they are all that the server has against the write; none unless told. */
  readonly immutableFields?: readonly string[];
  readonly retryAfterMs?: number;
}

/** A refusal by the API server, with its HTTP status, Kubernetes reason, causes and wished wait. */
export class KubeStatusError extends FaultError {
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  /** Fields that cannot be changed, when they are all that the server has against the write; else empty. */
  readonly immutableFields: readonly string[];
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: FaultCode,
    message: string,
    options: StatusFacts & { readonly retry: 'later' | 'never' },
  ) {
    super(code, message, { retry: options.retry });
    this.name = 'KubeStatusError';
    this.status = options.status;
    this.reason = options.reason;
    this.causes = options.causes;
    this.immutableFields = options.immutableFields ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }

  /** The fields of a refused apply that others own, with their managers; empty for every other refusal. */
  get conflicts(): readonly FieldConflict[] {
    return this.causes
      .filter((cause) => cause.reason === 'FieldManagerConflict')
      .map((cause) => ({
        manager: /^conflict with "([^"]*)"/.exec(cause.message)?.[1] ?? 'unknown',
        field: cause.field,
      }));
  }

  /** Whether a list must be read anew because the server no longer knows the version asked for. */
  get isExpired(): boolean {
    return this.status === 410;
  }
}

/** Whether an error says that the server no longer knows a resourceVersion. */
export function isExpired(error: unknown): boolean {
  return error instanceof KubeStatusError && error.isExpired;
}
