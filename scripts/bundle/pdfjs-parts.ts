// The parts of PDF.js that no reading of a PDF reaches. A class that extends one of them is such a part too.

/** Drawing. What lists the operators of a page is needed: the glyphs of a font can be such lists. */
const DRAWING = [
  'CanvasGraphics',
  'CanvasExtraState',
  'CanvasBBoxTracker',
  'CanvasDependencyTracker',
  'CanvasNestedDependencyTracker',
  'CanvasImagesTracker',
  'InternalRenderTask',
  'RenderTask',
  'TextLayerImages',
  'OutputScale',
  'TilingPattern',
  'BaseShadingPattern',
  'FontRendererFactory',
  'CompiledFont',
  'Commands',
];

/** Forms in XFA: they are reported, and PDF.js is not asked to read them. */
const XFA = [
  'XFAParser',
  'XFAObject',
  'XFAObjectArray',
  'XFAAttribute',
  'XfaLayer',
  'HTMLResult',
  'FontFinder',
  'FontSelector',
  'TextMeasure',
  'Binder',
  'Builder',
  'DataHandler',
  'TemplateNamespace',
  'ConfigNamespace',
  'ConnectionSetNamespace',
  'DatasetsNamespace',
  'LocaleSetNamespace',
  'SignatureNamespace',
  'StylesheetNamespace',
  'XdpNamespace',
  'XhtmlNamespace',
  'UnknownNamespace',
  // Glyphs are made wider for such forms only.
  'GlyfTable',
  'Glyph',
  'GlyphHeader',
  'Contour',
  'SimpleGlyph',
  'CompositeGlyph',
];

/** Annotations as elements of a web page, their editors, and writing PDFs. */
const PAGES_AND_EDITORS = [
  'AnnotationLayer',
  'AnnotationElement',
  'AnnotationElementFactory',
  'PopupElement',
  'AnnotationEditor',
  'AnnotationEditorLayer',
  'AnnotationEditorUIManager',
  'AltText',
  'Comment',
  'EditorToolbar',
  'FloatingToolbar',
  'ColorPicker',
  'BasicColorPicker',
  'ColorConverters',
  'ImageManager',
  'CommandManager',
  'KeyboardManager',
  'ColorManager',
  'TouchManager',
  'CurrentPointers',
  'DrawLayer',
  'DrawingOptions',
  'SignatureExtractor',
  'Outline',
  'FreeDrawOutliner',
  'HighlightOutliner',
  'InkDrawOutliner',
  'PDFEditor',
];

/** Loading: the Worker has the bytes. */
const LOADING = [
  'PDFFetchStream',
  'PDFFetchStreamReader',
  'PDFFetchStreamRangeReader',
  'PDFNetworkStream',
  'PDFNetworkStreamReader',
  'PDFNetworkStreamRangeReader',
  'PDFNodeStream',
  'PDFNodeStreamReader',
  'PDFNodeStreamRangeReader',
];

export const CLASSES: readonly string[] = [...DRAWING, ...XFA, ...PAGES_AND_EDITORS, ...LOADING];

/** Functions. */
export const FUNCTIONS: readonly string[] = ['incrementalUpdate', 'getXfaFontName', 'getXfaFontWidths'];

/** Parts that are used, and the code that comes in their place. */
export const STAND_INS: Readonly<Record<string, string>> = {
  // The decoder of the runtime; that of PDF.js has a dictionary of 120 KB. reduce-pdfjs.ts declares brotliDecode.
  makeBrotliDecode: '()=>brotliDecode',
  // An annotation's text with its formats needs XFA. Its plain text does not.
  XFAFactory: 'class{constructor(){fail("XFAFactory")}static getRichTextAsHtml(){return null}}',
};
