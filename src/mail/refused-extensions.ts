// Files that a provider sends with no mail, known by the end of their names. Resend
// (https://resend.com/docs/knowledge-base/what-attachment-types-are-not-supported), SES
// (https://docs.aws.amazon.com/ses/latest/dg/mime-types.html) and Postmark
// (https://postmarkapp.com/developer/user-guide/send-email-with-api) have a list each; this is all of them together.

const REFUSED = new Set(
  `ade adp app asp bas bat bin cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js jse ksh lib lnk mad maf
  mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1 msh1xml msh2 msh2xml mshxml msi msp mst ops pcd pif
  plg prf prg ps1 ps1xml ps2 ps2xml psc1 psc2 reg scf scr sct shb shs sys tmp url vb vba vbe vbs vps vsmacros vss vst vsw vxd ws
  wsc wsf wsh wsl xnk`.split(/\s+/),
);

/** The extension because of which some provider refuses the file, with its dot; undefined when all of them take it. */
export function refusedExtension(filename: string): string | undefined {
  // A mail client may drop dots and spaces at the end.
  const extension = filename.toLowerCase().match(/\.([^.\s]+)[.\s]*$/)?.[1];
  return extension !== undefined && REFUSED.has(extension) ? `.${extension}` : undefined;
}
