"""Words with which no keyword begins or ends, by language."""

from __future__ import annotations

_VI = """
à ạ ai anh ấy bà bạn bao bằng bị bởi buổi các cái càng chiều chỉ chị cho chưa chứ chúng có còn con của cũng
cùng cứ cần cách cả chính chủ dù dưới do dịp đã đang đạt đây đấy đem đến đều để đi điều đó đồng được đối đưa
gần gì giữa hãy hay hai hiện họ hoặc hơn hồi hôm khác khi không khoảng kể lại làm lần lên liên là lúc luôn
mà mang mình mọi mỗi một mới muốn năm này nay nào nên nếu ngay ngày người nhằm nhất nhiều như nhưng những
nói nó nơi nữa ở ông phải qua quá ra rằng rất rồi sau sáng sẽ số song sự tại tất theo thành thấy thế thêm
thì thôi thời tháng tối trên trong trước trưa từ từng tuy tuần và vẫn vào vậy về vì việc viên với vừa xuống
xuyên ba bốn bảy tám chín mười trăm nghìn triệu tỷ tỉ khá ngoài nhau vụ thể tiếp tục biết cao tốt góp đẩy
mạnh lớn nhỏ chiếc bên đầu cuối hết xong nhận gồm gắn nhờ tới tuổi
"""
_EN = """
a about above after again against ago all also although always am among an and another any are around as at
away back be became because become been before being below between both but by came can cannot could day
days did do does doing done down during each either else even ever every few first for former from further
get gets go going got had has have having he her here hers him his how however i if in including into is it
its just last later least less let like made make makes many may me might million more most mr mrs ms much
must my near never new next no nor not now of off on once one only onto or other others our out over own
people per put said same saw say saying says second see several she should since so some still such take
than that the their them then there these they third this those three through time to today together told
too toward towards two under until up upon us use used using very via want was way we week weeks well went
were what when where whether which while who whom whose why will with within without would year years
yesterday yet you your billion percent according monday tuesday wednesday thursday friday saturday sunday
january february march april june july august september october november december
"""
STOPWORDS: dict[str, frozenset[str]] = {"vi": frozenset(_VI.split()), "en": frozenset(_EN.split())}
