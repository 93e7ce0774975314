package e2e_test

// gatherings are pages about meetings, and what came of them, of the demonstration.
var gatherings = []look{
	{"meetings", "", "/c/basel/meetings"}, {"meetings-coordinator", "beat-hollenstein", "/c/basel/meetings"}, {"meeting-new", "beat-hollenstein", "/c/basel/meetings/new"},
	{"meeting", "", "/c/basel/meetings/4"}, {"meeting-member", "regula-ammann", "/c/basel/meetings/4"}, {"meeting-coordinator", "beat-hollenstein", "/c/basel/meetings/4"},
	{"meeting-edit", "beat-hollenstein", "/c/basel/meetings/4/edit"}, {"call-off", "beat-hollenstein", "/c/basel/meetings/4/call-off"}, {"like", "beat-hollenstein", "/c/basel/meetings/new?like=4"},
	{"answers", "regula-ammann", "/c/basel/meetings/4/answers"}, {"answers-stranger", "", "/c/basel/meetings/4/answers"}, {"answers-coordinator", "beat-hollenstein", "/c/basel/meetings/4/answers"}, {"answers-sheet", "beat-hollenstein", "/c/basel/meetings/4/answers/sheet"},
	{"meeting-past", "", "/c/basel/meetings/1"}, {"answers-past", "regula-ammann", "/c/basel/meetings/1/answers"}, {"minutes", "", "/c/basel/meetings/1/minutes"}, {"publish", "beat-hollenstein", "/c/basel/meetings/5/publish"}, {"minutes-open", "regula-ammann", "/c/basel/meetings/3/minutes?about=0"}, {"minutes-approve", "beat-hollenstein", "/c/basel/meetings/3/minutes/approve"}, {"minutes-coordinator", "beat-hollenstein", "/c/basel/meetings/2/minutes"},
	{"minutes-edit", "eleni-markaki", "/c/heraklion/meetings/7/minutes/edit"}, {"minutes-opening", "eleni-markaki", "/c/heraklion/meetings/7/minutes/open"}, {"live", "eleni-markaki", "/c/heraklion/meetings/7/live"}, {"attendance", "eleni-markaki", "/c/heraklion/meetings/7/answers"},
	{"series", "", "/c/umbrella/meetings"}, {"decisions", "", "/c/basel/decisions"}, {"decisions-all", "beat-hollenstein", "/c/basel/decisions?show=all"}, {"decision", "", "/c/basel/decisions/1"}, {"decision-coordinator", "beat-hollenstein", "/c/basel/decisions/1"},
	{"decision-new", "beat-hollenstein", "/c/basel/decisions/new"}, {"actions", "regula-ammann", "/c/basel/actions"}, {"actions-over", "", "/c/basel/actions?show=over"}, {"action", "regula-ammann", "/c/basel/actions/1"},
	{"action-coordinator", "beat-hollenstein", "/c/basel/actions/2"}, {"action-new", "beat-hollenstein", "/c/basel/actions/new"},
}
