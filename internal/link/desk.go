package link

// Acts on lines of one's own desk.
const (
	DeskLater = "/desk/later"
	DeskBack  = "/desk/back"
)
