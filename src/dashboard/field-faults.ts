// Which messages of a refusal belong beside which field of a form. Pure.

export interface FieldFault {
  path: string;
  message: string;
}

/** The parts of an ApiError that are read here. */
export interface Refusal {
  code: string;
  detail: string;
  issues: readonly FieldFault[];
}

/** A fault of a field that the form itself has found. */
export class FieldError extends Error {
  override readonly name = 'FieldError';

  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/** Refusals that name no path, but are about one field. */
const FIELD_OF_CODE: Record<string, string> = { schedule_exists: 'name', unknown_task: 'task' };

/** Sorts faults by the field that their path begins with. `others` belong to none of `fields`. */
export function sortFaults(
  error: Error | undefined,
  fields: readonly string[],
): { byField: ReadonlyMap<string, FieldFault[]>; others: FieldFault[] } {
  const byField = new Map<string, FieldFault[]>();
  const others: FieldFault[] = [];
  for (const fault of faultsOf(error)) {
    const [field = ''] = fault.path.split('.');
    if (fields.includes(field)) byField.set(field, [...(byField.get(field) ?? []), fault]);
    else others.push(fault);
  }
  return { byField, others };
}

function faultsOf(error: Error | undefined): readonly FieldFault[] {
  if (error instanceof FieldError) return [{ path: error.field, message: error.message }];
  if (!isRefusal(error)) return [];
  const path = FIELD_OF_CODE[error.code];
  if (error.issues.length > 0 || path === undefined) return error.issues;
  return [{ path, message: `${error.detail.charAt(0).toUpperCase()}${error.detail.slice(1)}` }];
}

function isRefusal(error: Error | undefined): error is Error & Refusal {
  return error !== undefined && 'code' in error && 'issues' in error;
}
